"""A line per loss, as `lsbench.compare` gives them: of what was trained, or of what was picked per loss and seed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, NamedTuple

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.picking import LossPicks, require_held_out, select
from lsbench.analysis.summary import ArmResults, Summary, arms_by_setting, of_unbalanced, summaries_of
from lsbench.analysis.summary.picked import Combination
from lsbench.analysis.summary.records import RECIPE
from lsbench.errors import InputError
from lsbench.names.encoding import visible
from lsbench.planning.plan import arms_of
from lsbench.planning.tuning import tuned_eps
from lsbench.rows.row import Row
from lsbench.spec import RECIPE_SETTINGS, Arm, Grid

SHOWN = ("accuracy", "ece", "nll", "brier")


class Picks(NamedTuple):
    """What is picked per loss and seed, and by which criterion on held-out labels."""

    names: Sequence[str]
    by: str


def varied_fields(grid: Grid) -> list[str]:
    """The fields of the recipe that have several values."""
    given = (name for name, value in grid.recipe.items() if isinstance(value, tuple))
    return list(dict.fromkeys((*given, *(name for name in grid.tune if name in RECIPE_SETTINGS))))


def require_selectable(grid: Grid, names: Sequence[str], by: str) -> None:
    """Raise an `InputError`, before anything is trained, for what has one value here or can't be picked by."""
    if not names:
        return
    require_held_out(by)
    if grid.val == 0:
        raise InputError("select picks on held-out labels, and val=0 holds out none")
    several = _several(grid)
    for name in names:
        if name.replace("-", "_") not in several and name not in several:
            allowed = f"that is {', '.join(several)}" if several else 'add tune="lr", or lists of values'
            raise InputError(f"select takes what has several values here, got {name!r}; {allowed}")


def _several(grid: Grid) -> list[str]:
    """What has several values: fields of the recipe, and hyperparameters as `q` and as `gce.q`."""
    values: dict[str, set[float | str]] = {}
    for arm in arms_of(grid):
        for name, value in arm.hyper:
            values.setdefault(f"{arm.loss}.{name}", set()).add(value)
    full = [name for name, one in values.items() if len(one) > 1]
    eps = ["eps"] if len(tuned_eps(grid)) > 1 else []
    return list(dict.fromkeys([*varied_fields(grid), *eps, *full, *(name.rpartition(".")[2] for name in full)]))


def lines_of(
    rows: Sequence[Row], varied: Sequence[str], picks: Picks | None = None, *, survivors: bool = False
) -> list[dict[str, Any]]:
    """The lines of all settings: an arm's, or with `picks` a loss's; columns as `lsbench.compare` says."""
    by_setting = arms_by_setting(rows, survivors=survivors)
    if picks is None:
        return [_line(one, arm, varied) for one in summaries_of(by_setting, rows) for arm in one.arms]
    selections = select(by_setting, picks.names, picks.by)
    picked = {one.setting: [loss.picked for loss in one.losses] for one in selections}
    left = [name for name in varied if name not in {word.replace("-", "_") for word in picks.names}]
    about = {one.setting: {loss.picked.key: _about(loss, picks.by) for loss in one.losses} for one in selections}
    summaries = summaries_of(picked, rows)
    return [_line(one, arm, left, about[one.setting][arm.key]) for one in summaries for arm in one.arms]


def _about(loss: LossPicks, by: str) -> dict[str, Any]:
    """What the picking of one loss was."""
    means = [arm.spread(CRITERIA[by].metric) for arm in (loss.untuned, loss.oracle)]
    return {
        "candidates": len(loss.candidates),
        "picked": ", ".join(f"{_values(values)} ({seeds})" for values, seeds in loss.picked.counts),
        **{name: mean and mean.mean for name, mean in zip(("not_tuned", "oracle"), means, strict=True)},
    }


def _values(combination: Combination) -> str:
    return " ".join(f"{name}={value}" for name, value in combination)


def _line(
    summary: Summary, arm: ArmResults, varied: Sequence[str], about: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    setting, against = summary.setting, summary.comparisons.get(arm.key)
    standing = summary.folded.standing.get(arm.key)
    difference = asdict(against.difference) if against and against.difference else {}
    means = {name: arm.spread(name) for name in (*SHOWN, *of_unbalanced(summary.sizes))}
    before = {
        "model": visible(setting.model),
        "noise": visible(setting.noise),
        "noise_rate": setting.noise_rate,
        **{RECIPE + name: getattr(setting.recipe, name) for name in varied},
        "loss": visible(arm.key.tagged_loss),
    }
    after = {
        **about,
        "n": arm.n,
        "lost": len(arm.lost),
        "status": " and ".join(sorted({row.status for row in arm.lost})) or "ok",
        **{name: value and value.mean for name, value in means.items()},
        **{f"{name}_sd": value and value.sd for name, value in means.items()},
        "same_function_as": standing and visible(standing.name),
        "delta_accuracy": difference.get("mean"),
        "delta_low": difference.get("low"),
        "delta_high": difference.get("high"),
        "p_holm": against and against.p_holm,
        "finding": against.finding if difference and against else None,
        "error": visible(arm.lost[0].error or "") if arm.lost else None,
        "train_labels": setting.train_labels,
        "test_labels": setting.test_labels,
    }
    return {**before, **_hyper_columns(arm.key, {*before, *after}), **after}


def _hyper_columns(arm: Arm, taken: Collection[str]) -> dict[str, float | str]:
    """The hyperparameters by name; one whose name another column has, as `loss` of prune, is `prune.loss`."""
    values = {**dict(arm.hyper), **dict(arm.shown)}
    return {f"{arm.loss}.{name}" if name in taken else name: value for name, value in values.items()}
