"""The verdict by a criterion: the best arm, the arms tied with it, its losses by other criteria, and how sure it is."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lsbench.analysis.criteria import CRITERIA, UNSCALED
from lsbench.analysis.per_example import difference_over_examples
from lsbench.analysis.summary import (
    BASELINE,
    ArmResults,
    Setting,
    Sizes,
    arms_by_setting,
    no_better,
    of_unbalanced,
    sizes_of,
)
from lsbench.analysis.summary.arms import compare
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.summary.setting_text import distinguishing_words
from lsbench.errors import InputError
from lsbench.names.catalogue import METRICS, TEMPERATURES
from lsbench.rows.row import Row
from lsbench.statistics import Choice, Comparison, Difference, Spread, choose, spread


@dataclass(frozen=True)
class NoiseGuess:
    """The label noise as held-out predictions estimate it, by confident learning, averaged over seeds."""

    rate: Spread
    matrix: tuple[tuple[float | None, ...], ...]  # P(given | true)


@dataclass(frozen=True)
class Tradeoff:
    """By another criterion, how much worse the suggested arm is than the best one."""

    criterion: str
    metric: str
    best: ArmResults | None  # the best of those shown to be better; None where none is
    difference: Difference | None  # the suggested arm's number minus that of the best one


@dataclass(frozen=True)
class Verdict:
    """The answer of one setting's rows, by one criterion."""

    setting: Setting
    criterion: str
    metric: str  # as `value_of` takes it
    better: str  # higher, lower, or zero: the smaller |number|
    temperature: str  # the way of temperature scaling before the numbers were taken, or none
    unknown_noise: bool  # whether the injected noise is treated as unknown
    tolerance: float  # in the metric's own units, not per cent
    arms: Mapping[Hashable, ArmResults]  # by key
    choice: Choice  # over these keys
    suggested: ArmResults | None  # the winner, else a tied ce, else the leader; None: all lost seeds
    costs: tuple[Tradeoff, ...]
    noise_known: float | None  # realised share of wrong labels, where it was injected
    noise_guess: NoiseGuess | None
    over_examples: Mapping[Hashable, Difference]  # arm minus leader over seeds and test examples, where these are kept
    warnings: tuple[str, ...] = ()  # files that could not be read
    differs: tuple[str, ...] = ()  # the words that tell its setting from the settings of the other verdicts

    @property
    def doubts(self) -> tuple[str, ...]:
        """Problems with the data or the code that were noticed before training: its numbers are doubtful."""
        return warnings_of(row for arm in self.arms.values() for row in (*arm.rows, *arm.lost))

    @cached_property
    def comparisons(self) -> Mapping[Hashable, Comparison]:
        """Every arm but the leader, compared with the leader; by key."""
        return {one.arm: one for one in self.choice.comparisons}

    @property
    def lost(self) -> tuple[ArmResults, ...]:
        """The arms of which seeds failed or diverged."""
        return tuple(arm for arm in self.arms.values() if arm.lost)

    @cached_property
    def sizes(self) -> Sizes | None:
        """How many examples there are; None where no row says it."""
        return _sizes(self.arms.values())

    @cached_property
    def no_better(self) -> tuple[ArmResults, ...]:
        """The arms that are not shown to be more accurate than always answering the majority class."""
        return tuple(no_better(self.arms.values(), self.sizes))


def decide(
    rows: Sequence[Row],
    by: str = "accuracy",
    tolerance: float = 0.0,
    temperature: str = UNSCALED,
    *,
    unknown_noise: bool = False,
    logits: Path | None = None,
    survivors: bool = False,
) -> list[Verdict]:
    """A verdict per setting; none for a setting with fewer than two arms that share a seed.

    An arm that failed or diverged at some seeds is not compared: it can't win, it is never called worse, and no other
    arm can win beside it. `survivors` compares it by the seeds that are left.

    `unknown_noise` ignores what the rows say of injected noise, as for labels whose noise nobody knows. `logits` is the
    folder of saved log-probs: with it, differences over seeds and test examples are computed, too.
    """
    results = arms_by_setting(rows, survivors=survivors)
    return verdicts_of(results, by, tolerance, temperature, unknown_noise=unknown_noise, logits=logits)


def verdicts_of(
    results: Mapping[Setting, Sequence[ArmResults]],
    by: str = "accuracy",
    tolerance: float = 0.0,
    temperature: str = UNSCALED,
    *,
    unknown_noise: bool = False,
    logits: Path | None = None,
) -> list[Verdict]:
    """`decide` of rows that are grouped already."""
    possible = (_verdict(setting, arms, by, tolerance, temperature) for setting, arms in results.items())
    verdicts = [verdict for verdict in possible if verdict]
    if logits is not None and logits.is_dir():
        verdicts = [_with_examples(verdict, logits) for verdict in verdicts]
    if unknown_noise:
        verdicts = [replace(verdict, noise_known=None, unknown_noise=True) for verdict in verdicts]
    return _with_distinctions(verdicts, unknown_noise=unknown_noise)


def _with_distinctions(verdicts: Sequence[Verdict], *, unknown_noise: bool) -> list[Verdict]:
    """The verdicts with the words that tell their settings apart; an unknown noise is not among them."""
    settings = [verdict.setting for verdict in verdicts]
    differs = (
        distinguishing_words(settings, lambda s: (s.dataset, s.model), ("noise", "noise_rate"))
        if unknown_noise
        else distinguishing_words(settings)
    )
    return [replace(verdict, differs=differs[verdict.setting]) for verdict in verdicts]


def _with_examples(verdict: Verdict, logits: Path) -> Verdict:
    """The verdict with differences over seeds and examples. A wrong file gives a warning and no difference."""
    if verdict.choice.leader is None:
        return verdict
    leader = verdict.arms[verdict.choice.leader]
    gaps: dict[Hashable, Difference] = {}
    warnings: dict[str, None] = {}
    for key, comparison in verdict.comparisons.items():
        if comparison.status == "lost":
            continue
        try:
            gap = difference_over_examples(verdict.arms[key], leader, verdict.metric, logits)
        except InputError as error:
            warnings[str(error)] = None
        else:
            gaps |= {key: gap} if gap is not None else {}
    return replace(verdict, over_examples=gaps, warnings=tuple(warnings))


def metric_of(criterion: str, temperature: str) -> str:
    """The number that decides, as `value_of` takes it; no temperature moves an accuracy."""
    name = CRITERIA[criterion].metric
    return f"{temperature}.{name}" if METRICS[name].moved and temperature in TEMPERATURES else name


def _verdict(
    setting: Setting, results: Sequence[ArmResults], by: str, tolerance: float, temperature: str
) -> Verdict | None:
    metric, better = metric_of(by, temperature), CRITERIA[by].better
    arms: dict[Hashable, ArmResults] = {arm.key: arm for arm in results}
    values = {key: arm.compared(metric) for key, arm in arms.items()}
    lost = [key for key, arm in arms.items() if not arm.comparable]
    choice = choose(values, better=better, tolerance=tolerance, lost=lost)
    if choice is None or len(arms) < 2:
        return None
    suggested = _suggested(arms, choice)
    realised = [r for arm in results for row in arm.rows if (r := row.noise_record.get("realised")) is not None]
    return Verdict(
        setting,
        by,
        metric,
        better,
        temperature,
        False,
        tolerance,
        arms,
        choice,
        suggested,
        tuple(_costs(suggested, results, by, temperature)) if suggested else (),
        sum(realised) / len(realised) if realised and setting.noise_rate else None,
        guess_noise(results),
        {},
    )


def _suggested(arms: Mapping[Hashable, ArmResults], choice: Choice) -> ArmResults | None:
    """The winner; else plain cross-entropy if it is tied with the leader and shares seeds with it; else the leader.

    None where every arm lost seeds.
    """
    if choice.leader is None:
        return None
    if choice.winner is not None:
        return arms[choice.winner]
    apart = {one.arm for one in choice.comparisons if one.difference is None}
    plain = [arms[key] for key in choice.acceptable if arms[key].key.loss == BASELINE and key not in apart]
    return plain[0] if plain else arms[choice.leader]


def _costs(suggested: ArmResults, arms: Sequence[ArmResults], by: str, temperature: str) -> list[Tradeoff]:
    """By each other criterion, the arm that is shown to be better than the suggested one by most, if there is one."""
    costs = []
    unbalanced = bool(of_unbalanced(_sizes(arms)))
    for name, criterion in CRITERIA.items():
        metric, better = metric_of(name, temperature), criterion.better
        useful = name != by and (unbalanced or not criterion.only_unbalanced)
        if useful and any(arm.by_seed(metric) for arm in arms):
            rivals = [(arm, compare(suggested, arm, metric, better)) for arm in arms if arm is not suggested]
            shown = [(arm, gap) for arm, gap in rivals if gap and gap.decided and _is_worse(gap, better)]
            best = max(shown, key=lambda pair: abs(pair[1].mean), default=(None, None))
            costs.append(Tradeoff(name, metric, *best))
    return costs


def _is_worse(gap: Difference, better: str) -> bool:
    return gap.mean < 0 if better == "higher" else gap.mean > 0


def _sizes(arms: Iterable[ArmResults]) -> Sizes | None:
    return sizes_of(row for arm in arms for row in arm.rows)


def guess_noise(arms: Sequence[ArmResults]) -> NoiseGuess | None:
    """The estimates of the plain cross-entropy's rows, or of all where there is none."""
    baseline = [arm for arm in arms if arm.key.loss == BASELINE] or arms
    rows = [row for arm in baseline for row in arm.rows]
    estimates = [row.noise_estimate for row in rows if row.noise_estimate.get("rate") is not None]
    sizes = Counter(len(estimate["matrix"]) for estimate in estimates).most_common(1)
    matrices = [estimate["matrix"] for estimate in estimates if len(estimate["matrix"]) == sizes[0][0]]
    rates = spread([estimate["rate"] for estimate in estimates if len(estimate["matrix"]) == sizes[0][0]])
    if rates is None:
        return None
    return NoiseGuess(
        rates, tuple(tuple(map(_mean, zip(*lines, strict=True))) for lines in zip(*matrices, strict=True))
    )


def _mean(values: tuple[float | None, ...]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
