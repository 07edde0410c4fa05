"""What the choice of the epoch, and of eps, does to a result."""

from dataclasses import dataclass, replace

from lsbench.analysis.selection import LAST_K, rule_labels
from lsbench.analysis.summary import ArmResults, EpsChoice, Multiverse, Setting, Summary
from lsbench.analysis.summary.eps_choice import Chosen
from lsbench.analysis.summary.multiverse import Win
from lsbench.analysis.summary.quantity import is_dishonest
from lsbench.names.encoding import exact
from lsbench.report.columns import Column, meanings, table_of
from lsbench.report.family import family_text
from lsbench.report.fields import NAMES, difference_text, optional, spread_text, title_of
from lsbench.report.given import accuracy_lines, against, other_notes
from lsbench.report.lost import lost_notes
from lsbench.report.same_function import same_notes
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table

RULES_READ = "One training, read by several rules; on the test set. "
EPOCHS = "{k} epochs, or all there are."
FOOTNOTE = (
    f"{RULES_READ}noisy val: held-out examples with their given labels. oracle: chosen with clean labels, which a user "
    f"with doubtful labels does not have. {EPOCHS}"
)
FOOTNOTE_OF_GIVEN = f"{RULES_READ}val: held-out examples with their given labels. {EPOCHS}"
EPS_CHOSEN_OF_GIVEN = "eps chosen: per seed, by the held-out accuracy or NLL on given labels, after the last epoch."
EPS_CHOSEN = (
    "eps chosen: per seed, by the held-out accuracy or NLL on given labels, or on clean ones (oracle), after the last "
    "epoch. The last column is the price of having no clean labels, paired by seed, with Student's 95 % interval of "
    "each line by itself."
)
RANK = (
    "rank by mean accuracy on the test set, 1 is best; τ: Kendall's tau-b of the means with those of the last epoch. "
    "Ranks and τ describe these seeds. Better under every rule: the largest p over the rules of Student's paired test, "
    "adjusted by Holm over all pairs of losses, is at most 5 %. Better under some rules: those that are named are "
    "shown, adjusted by Holm over all pairs and rules."
)
WARNING = (
    "DISHONEST: chosen by the test labels, as some published tables are; shown to compare with them, never to report."
)


def selection_table(summary: Summary, k: int = LAST_K, *, show_dishonest: bool = False) -> Table:
    """Per arm the accuracy and the ECE by each rule."""
    setting = summary.setting
    rules = _labels(summary, k, show_dishonest=show_dishonest)
    numbers = {"accuracy": "accuracy %", "ece": against(setting, "ECE %")}
    measured = [_by_rule(rule, label, *number) for number in numbers.items() for rule, label in rules.items()]
    footnote = FOOTNOTE_OF_GIVEN if setting.trains_on_given else FOOTNOTE
    return table_of(
        f"selection: {title_of(summary)}",
        (*NAMES, *measured),
        summary.arms,
        notes=(WARNING,) * show_dishonest,
        footnotes=[footnote.format(k=k), *accuracy_lines(setting), *other_notes(setting)],
    )


def _labels(summary: Summary, k: int, *, show_dishonest: bool) -> dict[str, str]:
    """The rules with their labels, which say over how many epochs is averaged: k, or all that there are."""
    lengths = [len(curve) for arm in summary.arms for row in arm.rows for curve in row.curves.values()]
    given = summary.setting.trains_on_given
    return rule_labels(k, shown=min(k, max(lengths, default=k)), show_dishonest=show_dishonest, given=given)


def _by_rule(rule: str, label: str, name: str, heading: str) -> Column[ArmResults]:
    """A number, in percent, at the epoch that a rule picks."""
    return Column(f"{heading}: {label}", lambda arm: spread_text(arm.spread(f"{rule}.{name}"), 100, 2))


def eps_table(summary: Summary, choices: list[EpsChoice]) -> Table:
    """Per loss the eps that noisy held-out labels pick, and the oracle's, with what each gives on the test set."""
    setting = summary.setting
    columns = _eps_columns(setting)
    return table_of(
        f"eps chosen: {title_of(summary)}",
        columns,
        [ChosenEps(choice, way) for choice in choices for way in choice.chosen],
        footnotes=(*meanings(columns), *accuracy_lines(setting), *other_notes(setting)),
        notes=(
            *(() if choices else ("no loss here was trained with more than one eps on every seed",)),
            *lost_notes([arm for arm in summary.arms if arm.key.eps is not None], compares=False),
            *same_notes(summary.folded),
        ),
    )


@dataclass(frozen=True)
class ChosenEps:
    """What a line of `eps_table` is about: one loss, and one way of choosing its eps."""

    choice: EpsChoice
    way: str

    @property
    def chosen(self) -> Chosen:
        """The eps that are chosen, and what they give."""
        return self.choice.chosen[self.way]


def _eps_counts(line: ChosenEps) -> str:
    return ", ".join(f"{exact(eps)} ({seeds})" for eps, seeds in line.chosen.eps)


def _eps_columns(setting: Setting) -> list[Column[ChosenEps]]:
    """The price of having no right labels is told where somebody has them."""
    given = setting.trains_on_given
    meaning = EPS_CHOSEN_OF_GIVEN if given else EPS_CHOSEN
    price = Column[ChosenEps]("oracle's accuracy − this", lambda line: difference_text(line.chosen.price))
    ece, nll = against(setting, "ECE %"), against(setting, "NLL")
    return [
        Column("loss", lambda line: line.choice.loss, names_line=True),
        Column("n", lambda line: str(line.choice.n)),
        Column("eps chosen by", lambda line: line.way, meaning, names_line=True),
        Column("eps (seeds)", _eps_counts),
        Column("accuracy %", lambda line: spread_text(line.chosen.spreads["accuracy"], 100, 2)),
        Column(ece, lambda line: spread_text(line.chosen.spreads["ece"], 100, 2)),
        Column(nll, lambda line: spread_text(line.chosen.spreads["nll"], 1, 4)),
        *([] if given else [price]),
    ]


def multiverse_table(summary: Summary, compared: Multiverse | None, k: int = LAST_K) -> Table:
    """Per arm its rank by accuracy under each rule; which wins outlast the choice of the rule."""
    title = f"multiverse: {title_of(summary)}"
    if compared is None:
        nothing = "nothing to compare: it takes two losses and two rules"
        return table_of(
            title, NAMES, (), notes=(nothing, *lost_notes(summary.arms, compares=False), *same_notes(summary.folded))
        )
    labels = _labels(summary, k, show_dishonest=True)
    ranks = [_rank(compared, rule, labels[rule]) for rule in compared.rules]
    table = table_of(
        title,
        (*NAMES, *ranks),
        compared.arms,
        notes=(
            _every_rule(compared),
            *_some_rules(compared),
            *lost_notes(summary.arms),
            *same_notes(summary.folded),
            *([WARNING] * any(map(is_dishonest, compared.rules))),
        ),
        footnotes=(*meanings(ranks), *accuracy_lines(summary.setting)),
    )
    return replace(table, lines=(*table.lines, _agreement(compared)))


def _rank(compared: Multiverse, rule: str, label: str) -> Column[ArmResults]:
    return Column(f"rank: {label}", lambda arm: str(compared.ranks[rule][arm.key]), RANK)


def _agreement(compared: Multiverse) -> tuple[Entry, ...]:
    """The last line: how far each rule orders the arms as the last epoch does."""
    unnamed = [NOT_AVAILABLE] * (len(NAMES) - 1)
    taus = (optional(compared.taus[rule], ".2f") for rule in compared.rules)
    return tuple(map(Entry, ("τ with the last epoch", *unnamed, *taus)))


def _every_rule(compared: Multiverse) -> str:
    shown = "; ".join(f"{_pair(win)} (p {_p_text(win)})" for win in compared.surviving) or "none"
    return f"better under every rule ({family_text(compared.pairs, 'pair')}): {shown}"


def _p_text(win: Win) -> str:
    return "< 0.001" if win.p < 0.001 else f"{win.p:.2g}"


def _pair(win: Win) -> str:
    return f"{win.better.name} over {win.worse.name}"


def _some_rules(compared: Multiverse) -> list[str]:
    return [
        f"better under {len(win.rules)} of {len(compared.rules)} rules ({', '.join(win.rules)}), not shown under every "
        f"rule: {_pair(win)}"
        for win in compared.fragile
    ]
