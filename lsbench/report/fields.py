"""Numbers as the texts of a table's fields."""

from lsbench.noise.convention import symmetric_rate
from lsbench.noise.files import has_file
from lsbench.report.tables import NOT_AVAILABLE, Entry
from lsbench.statistics import Difference, Spread
from lsbench.summary import Arm, Summary

SIGNIFICANT = "†"


def title_of(summary: Summary) -> str:
    """The setting: data set, model, noise and recipe."""
    s = summary.setting
    recipe = s.recipe
    rest = [
        f"{recipe.epochs} epochs",
        f"batch {recipe.batch_size}",
        f"{recipe.optimizer} {recipe.lr:g}",
        f"momentum {recipe.momentum:g}",
        recipe.schedule,
        *([f"weight decay {recipe.weight_decay:g}"] if recipe.weight_decay else []),
        *([f"clip {recipe.clip:g}"] if recipe.clip is not None else []),
        *([recipe.augment.replace(",", " + ")] if recipe.augment else []),
        *([f"mixup {recipe.mixup:g}"] if recipe.mixup is not None else []),
        *([f"weights averaged by {recipe.ema:g}"] if recipe.ema is not None else []),
        *([f"{recipe.head_epochs} epochs of the head first"] if recipe.head_epochs else []),
        *([f"body at {recipe.body_scale:g} of the rate"] if recipe.body_scale != 1 else []),
        *([f"precision {recipe.precision}"] if recipe.precision != "highest" else []),
        *([f"{s.train_size:,} training examples"] if s.train_size is not None else []),
        f"{s.val:.0%} held out",
    ]
    return f"{short_title_of(summary)}: {', '.join(rest)}"


def short_title_of(summary: Summary) -> str:
    """Data set, model and noise."""
    s = summary.setting
    return f"{s.dataset}, {s.model}, {noise_text(summary) if s.noise_rate else 'no noise'}"


def noise_text(summary: Summary) -> str:
    """The noise by its own convention and, where that counts otherwise, by the symmetric one; what came of it."""
    s, said = summary.setting, []
    converted = symmetric_rate(s.noise, s.noise_rate, summary.num_classes) if summary.num_classes else None
    if converted is not None and abs(converted - s.noise_rate) > 1e-9:
        said.append(f"symmetric {converted:g}")
    if summary.noise_realised is not None:
        said.append(f"realised {summary.noise_realised:.4f}")
    rate = "" if has_file(s.noise) and s.noise_rate == 1 else f" {s.noise_rate:g}"
    return f"{s.noise} noise{rate}" + (f" ({'; '.join(said)})" if said else "")


def name_fields(arm: Arm) -> tuple[Entry, Entry, Entry]:
    """Loss, eps and n: how every line begins."""
    hyper = dict(arm.hyper)
    eps = hyper.pop("eps", None)
    loss = " ".join([arm.loss, *(f"{name}={value:g}" for name, value in hyper.items())])
    return Entry(loss), Entry(optional(eps, "g")), Entry(str(arm.n))


def spread_text(value: Spread | None, scale: float = 1, digits: int = 4) -> str:
    """Mean ± standard deviation of one seed."""
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * scale:.{digits}f}"
    return mean if value.sd is None else f"{mean} ± {value.sd * scale:.{digits}f}"


def difference_text(value: Difference | None, scale: float = 100, digits: int = 2) -> str:
    """Mean difference [95 % interval]."""
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * scale:+.{digits}f}"
    if value.low is None or value.high is None:
        return mean
    return f"{mean} [{value.low * scale:+.{digits}f}, {value.high * scale:+.{digits}f}]"


def p_text(p: float | None) -> str:
    """A p-value of two digits, with the sign of significance."""
    if p is None:
        return NOT_AVAILABLE
    return ("<0.001" if p < 0.001 else f"{p:.2g}") + SIGNIFICANT * (p < 0.05)


def optional(value: float | None, form: str) -> str:
    """A number in that format, or the sign of what is not available."""
    return NOT_AVAILABLE if value is None else format(value, form)
