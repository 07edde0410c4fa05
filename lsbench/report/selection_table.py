"""What the choice of the epoch, and of eps, does to a result."""

from lsbench.analysis.selection import LAST_K, rule_labels
from lsbench.analysis.summary import EpsChoice, Multiverse, Summary
from lsbench.analysis.summary.eps_choice import CHOOSERS
from lsbench.analysis.summary.multiverse import Win
from lsbench.analysis.summary.quantity import is_dishonest
from lsbench.names.encoding import exact
from lsbench.report.fields import difference_text, name_fields, optional, spread_text, title_of
from lsbench.report.lost import lost_notes
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table

FOOTNOTES = (
    "One training, read by several rules; on the test set. noisy val: held-out examples with their given labels. "
    "oracle: chosen with clean labels, which a user with doubtful labels does not have. {k} epochs, or all there are.",
)
WARNING = (
    "DISHONEST: chosen by the test labels, as some published tables are; shown to compare with them, never to report."
)


def selection_table(summary: Summary, k: int = LAST_K, *, show_dishonest: bool = False) -> Table:
    """Per arm the accuracy and the ECE by each rule."""
    rules = rule_labels(k, show_dishonest=show_dishonest)
    return Table(
        title=f"selection: {title_of(summary)}",
        header=(
            *("loss", "eps", "n"),
            *(f"accuracy %: {label}" for label in rules.values()),
            *(f"ECE %: {label}" for label in rules.values()),
        ),
        lines=tuple(
            (
                *name_fields(arm),
                *(Entry(spread_text(arm.spread(f"{rule}.accuracy"), 100, 2)) for rule in rules),
                *(Entry(spread_text(arm.spread(f"{rule}.ece"), 100, 2)) for rule in rules),
            )
            for arm in summary.arms
        ),
        notes=(WARNING,) * show_dishonest,
        footnotes=tuple(note.format(k=k) for note in FOOTNOTES),
        named_by=(0, 1),
    )


def eps_table(summary: Summary, choices: list[EpsChoice]) -> Table:
    """Per loss the eps that noisy held-out labels pick, and the oracle's, with what each gives on the test set."""
    ways = [(way, choice, choice.chosen[way]) for choice in choices for way in CHOOSERS]
    return Table(
        title=f"eps chosen: {title_of(summary)}",
        header=("loss", "n", "eps chosen by", "eps (seeds)", "accuracy %", "ECE %", "NLL", "oracle's accuracy − this"),
        lines=tuple(
            (
                Entry(choice.loss),
                Entry(str(choice.n)),
                Entry(way),
                Entry(", ".join(f"{exact(eps)} ({seeds})" for eps, seeds in of.eps)),
                Entry(spread_text(of.spreads["accuracy"], 100, 2)),
                Entry(spread_text(of.spreads["ece"], 100, 2)),
                Entry(spread_text(of.spreads["nll"], 1, 4)),
                Entry(difference_text(of.price)),
            )
            for way, choice, of in ways
        ),
        notes=(
            *(() if choices else ("no loss here was trained with more than one eps on every seed",)),
            *lost_notes([arm for arm in summary.arms if arm.key.eps is not None]),
        ),
        footnotes=(
            "eps chosen: per seed, by the held-out accuracy or NLL on given labels, or on clean ones (oracle), after "
            "the last epoch. The last column is the price of having no clean labels, paired by seed [95 %].",
        ),
        named_by=(0, 2),
    )


def multiverse_table(summary: Summary, found: Multiverse | None, k: int = LAST_K) -> Table:
    """Per arm its rank by accuracy under each rule; which wins outlast the choice of the rule."""
    title = f"multiverse: {title_of(summary)}"
    if found is None:
        nothing = "nothing to compare: it takes two losses and two rules"
        return Table(title, ("loss", "eps", "n"), (), (nothing, *lost_notes(summary.arms)))
    labels = rule_labels(k, show_dishonest=True)
    last_line = (Entry("τ with the last epoch"), Entry(NOT_AVAILABLE), Entry(NOT_AVAILABLE))
    return Table(
        title=title,
        header=("loss", "eps", "n", *(f"rank: {labels[rule]}" for rule in found.rules)),
        lines=(
            *(
                (*name_fields(arm), *(Entry(str(found.ranks[rule][arm.key])) for rule in found.rules))
                for arm in found.arms
            ),
            (*last_line, *(Entry(optional(found.taus[rule], ".2f")) for rule in found.rules)),
        ),
        notes=(
            _wins("wins under every rule", found.surviving),
            *_fragile(found),
            *lost_notes(summary.arms),
            *([WARNING] * any(is_dishonest(rule) for rule in found.rules)),
        ),
        footnotes=(
            "rank by mean accuracy on the test set, 1 is best; τ: Kendall's tau-b of the means with those of the last "
            "epoch. A win is a pair whose paired 95 % interval leaves 0 out.",
        ),
        named_by=(0, 1),
    )


def _wins(what: str, wins: tuple[Win, ...]) -> str:
    return f"{what}: {'; '.join(f'{win.better.name} over {win.worse.name}' for win in wins) or 'none'}"


def _fragile(found: Multiverse) -> list[str]:
    return [
        f"only under {len(win.rules)} of {len(found.rules)} rules ({', '.join(win.rules)}): "
        f"{win.better.name} over {win.worse.name}"
        for win in found.fragile
    ]
