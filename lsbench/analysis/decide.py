"""The verdict by a criterion: which arm to take, what is shown of the others, and how sure it is."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from lsbench.analysis.criteria import CRITERIA, UNSCALED
from lsbench.analysis.own_criterion import OwnCriterion, measure_own
from lsbench.analysis.per_example import examples_of
from lsbench.analysis.summary import (
    BASELINE,
    ArmResults,
    Setting,
    Sizes,
    arms_by_setting,
    choice_of,
    fold,
    no_better,
    of_unbalanced,
    sizes_of,
)
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.summary.setting_text import distinguishing_words
from lsbench.errors import InputError
from lsbench.names.catalogue import METRICS, TEMPERATURES
from lsbench.rows.row import Row
from lsbench.statistics import Choice, Claim, Difference, Spread, spread


@dataclass(frozen=True)
class NoiseGuess:
    """The label noise as held-out predictions estimate it, by confident learning, averaged over seeds."""

    rate: Spread
    matrix: tuple[tuple[float | None, ...], ...]  # P(given | true)


@dataclass(frozen=True)
class Tradeoff:
    """By another criterion, the suggested arm beside the one with the best mean: numbers, and no claim."""

    criterion: str
    metric: str
    best: ArmResults  # the best mean; the suggested arm itself where that is its
    difference: Difference | None  # the suggested arm's number minus that of the best; joint with those of all pairs


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
    arms: Mapping[Hashable, ArmResults]  # one per function, by key
    same: Mapping[Hashable, tuple[ArmResults, ...]]  # those that are the same function as one of these, by its key
    choice: Choice  # over the keys: for new seeds and new test examples where these are kept, else for this test set
    on_test_set: Choice  # the same, with this test set taken as all there is
    suggested: ArmResults | None  # see `_suggested`; None: all lost seeds
    elsewhere: tuple[Tradeoff, ...]
    noise_known: float | None  # realised share of wrong labels, where it was injected
    noise_guess: NoiseGuess | None
    warnings: tuple[str, ...] = ()  # files that could not be read
    differs: tuple[str, ...] = ()  # the words that tell its setting from the settings of the other verdicts

    @property
    def doubts(self) -> tuple[str, ...]:
        """Problems with the data or the code that were noticed before training: its numbers are doubtful."""
        return warnings_of(row for arm in self.arms.values() for row in (*arm.rows, *arm.lost))

    @property
    def lost(self) -> tuple[ArmResults, ...]:
        """The arms of which seeds failed or diverged."""
        return tuple(arm for arm in self.arms.values() if arm.lost)

    @cached_property
    def compared(self) -> tuple[ArmResults, ...]:
        """The arms that are compared: those with the deciding number at all of their seeds."""
        return tuple(arm for arm in self.arms.values() if arm.compared(self.metric))

    @cached_property
    def claim_of_suggested(self) -> Claim | None:
        """What is shown of the suggested arm against plain cross-entropy."""
        return self.choice.against_baseline.get(self.suggested.key) if self.suggested else None

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
    results: Path | None = None,
    survivors: bool = False,
) -> list[Verdict]:
    """A verdict per setting; none for a setting with fewer than two arms that share a seed.

    Losses that are one function are one arm. An arm that failed or diverged at some seeds is not compared: it can't
    win, it is never called worse, and no other arm can win beside it. `survivors` compares it by the seeds that are
    left.

    `by` is a name of `criteria.CRITERIA`, or `./file.py:function` of the user's, see `own_criterion`.

    `unknown_noise` ignores what the rows say of injected noise, as for labels whose noise nobody knows. `results` is
    the folder of the rows: where it has what each test example got, the verdict is about new test examples, too.
    """
    own = None if by in CRITERIA else measure_own(by, rows, results)
    arms = arms_by_setting(own.rows if own else rows, survivors=survivors)
    return verdicts_of(arms, by, tolerance, temperature, unknown_noise=unknown_noise, results=results, own=own)


def verdicts_of(
    arms_of_setting: Mapping[Setting, Sequence[ArmResults]],
    by: str = "accuracy",
    tolerance: float = 0.0,
    temperature: str = UNSCALED,
    *,
    unknown_noise: bool = False,
    results: Path | None = None,
    own: OwnCriterion | None = None,
) -> list[Verdict]:
    """`decide` of rows that are grouped already."""
    possible = (
        _verdict(setting, arms, by, tolerance, temperature, results, own) for setting, arms in arms_of_setting.items()
    )
    verdicts = [verdict for verdict in possible if verdict]
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


def metric_of(criterion: str, temperature: str) -> str:
    """The number that decides, as `value_of` takes it; no temperature moves an accuracy."""
    if criterion not in CRITERIA:
        return criterion  # the user's own is its own number
    name = CRITERIA[criterion].metric
    return f"{temperature}.{name}" if METRICS[name].moved and temperature in TEMPERATURES else name


def _verdict(
    setting: Setting,
    results: Sequence[ArmResults],
    by: str,
    tolerance: float,
    temperature: str,
    folder: Path | None,
    own: OwnCriterion | None,
) -> Verdict | None:
    metric, better = metric_of(by, temperature), own.better if own else CRITERIA[by].better
    folded = fold(results, clean=not setting.noise_rate)
    arms: dict[Hashable, ArmResults] = {arm.key: arm for arm in folded.arms}
    examples, warnings = (own.of_arms(folded.arms), ()) if own else _examples(folded.arms, metric, folder)
    on_test_set = choice_of(folded.arms, metric, better, tolerance)
    if on_test_set is None or len(arms) < 2:
        return None
    choice = choice_of(folded.arms, metric, better, tolerance, examples) if examples else on_test_set
    suggested = _suggested(arms, choice or on_test_set)
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
        folded.same,
        choice or on_test_set,
        on_test_set,
        suggested,
        tuple(_elsewhere(suggested, folded.arms, by, temperature)) if suggested else (),
        sum(realised) / len(realised) if realised and setting.noise_rate else None,
        guess_noise(results),
        warnings,
    )


def _examples(
    arms: Sequence[ArmResults], metric: str, folder: Path | None
) -> tuple[dict[Hashable, dict[int, np.ndarray]], tuple[str, ...]]:
    """What each test example got, of every compared arm, or nothing; and why a file can't be used."""
    if folder is None:
        return {}, ()
    got: dict[Hashable, dict[int, np.ndarray]] = {}
    try:
        for arm in arms:
            if arm.compared(metric):
                examples = examples_of(arm, metric, folder)
                if examples is None:
                    return {}, ()
                got[arm.key] = examples
    except InputError as error:
        return {}, (str(error),)
    return got, ()


def _suggested(arms: Mapping[Hashable, ArmResults], choice: Choice) -> ArmResults | None:
    """The winner; else plain cross-entropy, if it may be best and nothing is shown to be better than it; else another.

    That is the leader, unless others are shown to be better than ce and the leader is not: then the one of these that
    lies farthest from ce. None where every arm lost seeds.
    """
    if choice.leader is None:
        return None
    if choice.winner is not None:
        return arms[choice.winner]
    better = {claim.arm: claim.difference for claim in choice.baseline_claims if claim.finding == "better"}
    if better and choice.leader not in better:
        return arms[max(better, key=lambda arm: abs(gap.mean) if (gap := better[arm]) else 0.0)]
    plain_may_be_best = choice.baseline is not None and choice.baseline in choice.may_be_best
    return arms[choice.baseline if plain_may_be_best and not better else choice.leader]


def _elsewhere(suggested: ArmResults, arms: Sequence[ArmResults], by: str, temperature: str) -> list[Tradeoff]:
    """By each other criterion, the suggested arm beside the one that leads by it."""
    tradeoffs = []
    unbalanced = bool(of_unbalanced(_sizes(arms)))
    for name, criterion in CRITERIA.items():
        metric = metric_of(name, temperature)
        useful = name != by and (unbalanced or not criterion.only_unbalanced) and suggested.compared(metric)
        choice = choice_of(arms, metric, criterion.better) if useful else None
        if choice is not None and choice.leader is not None:
            best = next(arm for arm in arms if arm.key == choice.leader)
            tradeoffs.append(Tradeoff(name, metric, best, choice.behind_leader(suggested.key)))
    return tradeoffs


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
