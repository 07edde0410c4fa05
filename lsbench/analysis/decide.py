"""The verdict by a criterion: which arm to take, what is shown of the others, and how sure it is."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lsbench.analysis.criteria import CRITERIA, UNSCALED
from lsbench.analysis.held_out import Told, held_out_of
from lsbench.analysis.own_criterion import OwnCriterion, measure_own
from lsbench.analysis.per_example import examples_of, has_groups
from lsbench.analysis.summary import (
    ArmResults,
    Setting,
    Sizes,
    arms_by_setting,
    choice_of,
    fold,
    of_unbalanced,
    sizes_of,
)
from lsbench.analysis.summary.setting_text import ADDED_NOISE, distinguishing_words
from lsbench.analysis.verdict import Tradeoff, Verdict
from lsbench.errors import InputError
from lsbench.names.catalogue import METRICS, TEMPERATURES, temperature_of
from lsbench.rows.row import Row
from lsbench.rows.status import as_told, as_unknown
from lsbench.spec import is_oracle
from lsbench.statistics import Choice


def decide(
    rows: Sequence[Row],
    by: str = "accuracy",
    tolerance: float = 0.0,
    temperature: str = UNSCALED,
    *,
    unknown_noise: bool = False,
    trusted: Sequence[str] = (),
    results: Path | None = None,
    survivors: bool = False,
) -> list[Verdict]:
    """A verdict per setting; none for a setting with fewer than two arms that share a seed.

    Losses that are one function are one arm. An arm that failed or diverged at some seeds is not compared: it can't
    win, it is never called worse, and no other arm can win beside it. `survivors` compares it by the seeds that are
    left.

    `by` is a name of `criteria.CRITERIA`, or `./file.py:function` of the user's, see `own_criterion`.

    `unknown_noise` takes the training labels as given, as those of data of the user's own are: see `rows.status`. Arms
    that are handed the true noise matrix are left out then. The user vouches for the parts that are `trusted`.

    Against test labels that nobody vouches for only accuracies are compared: see `Verdict.may_claim`.

    `results` is the folder of the rows: where it has what each test example got, the verdict is about new test
    examples, too.
    """
    told = told_rows(rows, trusted, unknown_noise=unknown_noise)
    own = None if by in CRITERIA else measure_own(by, told, results)
    arms = arms_by_setting(own.rows if own else told, survivors=survivors)
    left_out = _left_out(rows, told)
    verdicts = verdicts_of(arms, by, tolerance, temperature, results=results, own=own)
    return [replace(one, oracles=left_out.get(one.setting, ())) for one in verdicts]


def told_rows(rows: Sequence[Row], trusted: Sequence[str] = (), *, unknown_noise: bool = False) -> list[Row]:
    """The rows with what a user knows of their labels, and without the arms that need to know more."""
    told = as_told(rows, trusted)
    return as_unknown(told) if unknown_noise else told


def _left_out(rows: Sequence[Row], told: Sequence[Row]) -> dict[Setting, tuple[str, ...]]:
    """By setting the names of the arms that only somebody who knows the noise can have, each once."""
    kept = {row.id for row in told}
    names: dict[Setting, dict[str, None]] = {}
    for row in rows:
        if row.id not in kept and is_oracle(row.cell.arm):
            names.setdefault(Setting.of(row.cell), {})[row.cell.arm.name] = None
    return {setting: tuple(some) for setting, some in names.items()}


def verdicts_of(
    arms_of_setting: Mapping[Setting, Sequence[ArmResults]],
    by: str = "accuracy",
    tolerance: float = 0.0,
    temperature: str = UNSCALED,
    *,
    results: Path | None = None,
    own: OwnCriterion | None = None,
) -> list[Verdict]:
    """`decide` of rows that are grouped already."""
    possible = (
        _verdict(setting, arms, by, tolerance, temperature, results, own) for setting, arms in arms_of_setting.items()
    )
    verdicts = [verdict for verdict in possible if verdict]
    return _with_distinctions(verdicts)


def _with_distinctions(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with the words that tell their settings apart; an unknown noise is not among them."""
    settings = [verdict.setting for verdict in verdicts]
    differs = (
        distinguishing_words(settings, lambda s: (s.dataset, s.model), ADDED_NOISE)
        if any(verdict.unknown_noise for verdict in verdicts)
        else distinguishing_words(settings)
    )
    return [replace(verdict, differs=differs[verdict.setting]) for verdict in verdicts]


def metric_of(criterion: str, temperature: str) -> str:
    """The number that decides, as `value_of` takes it; no temperature moves an accuracy."""
    if criterion not in CRITERIA:
        return criterion  # the user's own is its own number
    name = CRITERIA[criterion].metric
    way = temperature_of(temperature)
    return f"{way}.{name}" if METRICS[name].moved and way in TEMPERATURES else name


def _verdict(
    setting: Setting,
    results: Sequence[ArmResults],
    by: str,
    tolerance: float,
    temperature: str,
    folder: Path | None,
    own: OwnCriterion | None,
) -> Verdict | None:
    if temperature in TEMPERATURES and not any(temperature in row.scaled for arm in results for row in arm.rows):
        return None  # nothing was scaled like that, though an accuracy would be the same
    metric, better = metric_of(by, temperature), own.better if own else CRITERIA[by].better
    folded = fold(results, clean=not setting.noise_rate)
    arms: dict[Hashable, ArmResults] = {arm.key: arm for arm in folded.arms}
    examples, warnings = (own.of_arms(folded.arms), own.skipped) if own else _examples(folded.arms, metric, folder)
    on_test_set = choice_of(folded.arms, metric, better, tolerance)
    if on_test_set is None or len(arms) < 2:
        return None
    choice = choice_of(folded.arms, metric, better, tolerance, examples) if examples else on_test_set
    held_out, skipped = _held_out(results, folder)
    made = Verdict(
        setting=setting,
        criterion=by,
        metric=metric,
        better=better,
        temperature=temperature,
        tolerance=tolerance,
        arms=arms,
        same=folded.same,
        choice=choice or on_test_set,
        grouped=bool(examples) and folder is not None and has_groups(folded.arms, folder),
        on_test_set=on_test_set,
        noise_known=_realised(results) if setting.noise_rate else None,
        held_out=held_out,
        warnings=(*warnings, *skipped),
        folder=folder,
    )
    suggested = _suggested(arms, made.choice) if made.may_claim else None
    elsewhere = tuple(_elsewhere(suggested, folded.arms, by, temperature)) if suggested else ()
    return replace(made, suggested=suggested, elsewhere=elsewhere)


def _realised(arms: Iterable[ArmResults]) -> float | None:
    """The mean over the rows of the share of labels that were made wrong; None where nobody knows it."""
    rates = [r for arm in arms for row in arm.rows if (r := row.noise_record.get("realised")) is not None]
    return sum(rates) / len(rates) if rates else None


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


def _held_out(arms: Sequence[ArmResults], folder: Path | None) -> tuple[Told, tuple[str, ...]]:
    """What held-out predictions say of the given labels, and why a file of them can't be used."""
    try:
        return held_out_of(arms, folder), ()
    except InputError as error:
        return held_out_of(arms, None), (str(error),)


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
