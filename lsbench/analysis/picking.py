"""The best combination of each loss, picked per seed on held-out labels; the picks are compared on the test set.

A seed is one replicate with a pick of its own, so that a test paired by seed holds what the picking adds to the spread.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.decide import verdicts_of
from lsbench.analysis.summary.arms import ALPHA, ArmResults, gaps
from lsbench.analysis.summary.picked import Combination, PickedArm, order
from lsbench.analysis.summary.quantity import value_of
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import distinguishing_words
from lsbench.analysis.verdict import Verdict
from lsbench.errors import InputError
from lsbench.names.catalogue import FEATURES, IMAGES, LOSSES, METRICS, TABLE
from lsbench.names.dataset_name import features_of
from lsbench.names.registry import lookup
from lsbench.planning.axes import may_be_several
from lsbench.planning.models import own_value
from lsbench.rows.row import Row
from lsbench.spec import RECIPE_SETTINGS, Arm, Recipe
from lsbench.statistics import Difference, cautious_difference

Judge = Callable[..., list[Verdict]]  # (arms of each setting, by=criterion)
Number = Callable[[Row], float | None]  # of which the smallest is picked


@dataclass(frozen=True)
class LossPicks:
    """One loss of one setting: what was picked, what was there without a choice, and what the oracle picks."""

    picked: PickedArm  # by the held-out labels
    oracle: PickedArm  # by the test labels: the most that a choice can give, and a little more than that
    untuned: ArmResults  # with the values that are used where nothing is tuned
    untuned_values: Combination
    candidates: tuple[Combination, ...]
    incomplete: int  # seeds without a row of every candidate; they are left out

    @property
    def name(self) -> str:
        """The loss, with what was not chosen."""
        return self.picked.name


@dataclass(frozen=True)
class Selection:
    """The picks of one setting, and what may be said of them; of the untuned losses the same."""

    setting: Setting  # its recipe has the untuned values
    names: tuple[str, ...]  # what is chosen
    criterion: str
    losses: tuple[LossPicks, ...]
    verdict: Verdict | None  # of the picks; None: no two losses share a seed
    untuned: Verdict | None  # of the losses with untuned values, at the same seeds

    @cached_property
    def counts(self) -> list[int]:
        """The numbers of candidates that losses have, each once."""
        return sorted({len(loss.candidates) for loss in self.losses})

    def difference(self, ours: ArmResults, theirs: ArmResults) -> Difference | None:
        """One number minus another of the same loss, paired by seed; joint over the losses, by Bonferroni."""
        criterion = CRITERIA[self.criterion]
        return cautious_difference(gaps(ours, theirs, criterion.metric, criterion.better), ALPHA / len(self.losses))


def select(
    results: Mapping[Setting, Sequence[ArmResults]],
    names: Sequence[str],
    by: str = "accuracy",
    judge: Judge = verdicts_of,
) -> list[Selection]:
    """Per setting and loss the best combination of each seed, and the verdict among the picks.

    A combination that diverged is never picked; a seed of which all diverged, or of which one failed, is lost. Of
    equally good ones the smallest values are taken.

    Args:
        results: the arms of each setting, as `arms_by_setting` gives them.
        names: what is chosen: fields of the recipe, hyperparameters, or `gce.q` for that of one loss.
        by: a criterion that is measured on held-out examples, too.
        judge: makes the verdict; `verdicts_of` with a tolerance or a results folder, by the same criterion.

    Returns:
        One per setting, settings that differ in the chosen fields of the recipe being one.

    Raises:
        InputError: a name that nothing has, or a criterion that is not measured on held-out examples.
    """
    require_held_out(by)
    fields, hyper = _split(names, results)
    groups: dict[Setting, list[tuple[Setting, ArmResults]]] = {}
    for setting, arms in results.items():
        groups.setdefault(_without(setting, fields), []).extend((setting, arm) for arm in arms)
    made = [_selection(members, tuple(names), fields, hyper, by, judge) for members in groups.values()]
    return _with_distinctions([one for one in made if one], fields)


def require_choices(selections: Sequence[Selection], names: Sequence[str]) -> None:
    """Raise an `InputError` where no loss has more than one candidate."""
    if not any(one.counts[-1] > 1 for one in selections):
        raise InputError(
            f"--select {','.join(names)}: no loss was trained with several values of it on the same seeds;"
            " train some with: lsbench run --tune lr"
        )


def require_held_out(by: str, option: str = "--select") -> None:
    """Raise an `InputError` for a criterion that held-out examples have no number of."""
    allowed = [name for name, one in CRITERIA.items() if METRICS[one.metric].each_epoch]
    if by not in allowed:
        raise InputError(f"{option} picks on held-out labels, which have no {by}; take --by {', '.join(allowed)}")


def _split(names: Sequence[str], results: Mapping[Setting, Sequence[ArmResults]]) -> tuple[list[str], list[str]]:
    """The names of fields of the recipe, and those of hyperparameters."""
    keys = [arm.key for arms in results.values() for arm in arms]
    of_losses = dict.fromkeys(word for key in keys for name, _ in key.hyper for word in (name, f"{key.loss}.{name}"))
    of_recipe = {name for name in RECIPE_SETTINGS if may_be_several(name)}
    fields = [name.replace("-", "_") for name in names if name.replace("-", "_") in of_recipe]
    hyper = [name for name in names if name.replace("-", "_") not in of_recipe]
    for name in hyper:
        lookup({**dict.fromkeys(of_recipe), **of_losses, "eps": None}, "value to select", name)
    return fields, hyper


def _without(setting: Setting, fields: Collection[str]) -> Setting:
    """The setting, whatever it has in these fields of the recipe."""
    defaults = {name: Recipe.__dataclass_fields__[name].default for name in fields}
    return replace(setting, recipe=replace(setting.recipe, **defaults))


def _selection(
    members: Sequence[tuple[Setting, ArmResults]],
    names: tuple[str, ...],
    fields: Sequence[str],
    hyper: Sequence[str],
    by: str,
    judge: Judge,
) -> Selection | None:
    by_loss: dict[Arm, list[tuple[Setting, ArmResults]]] = {}
    for setting, arm in members:
        by_loss.setdefault(_fixed(arm.key, hyper), []).append((setting, arm))
    losses = tuple(
        one for key, trained in by_loss.items() if (one := _picks(key, _by_combination(trained, fields, hyper), by))
    )
    if not losses:
        return None
    own = dict(losses[0].untuned_values)
    setting = _with(members[0][0], {name: own[name] for name in fields})
    (picked,) = judge({setting: [one.picked for one in losses]}, by=by) or [None]
    (untuned,) = judge({setting: [one.untuned for one in losses]}, by=by) or [None]
    return Selection(setting, names, by, losses, picked, untuned)


def _with_distinctions(selections: Sequence[Selection], fields: Sequence[str]) -> list[Selection]:
    """The selections, their verdicts with the words that tell their settings apart."""
    words = distinguishing_words([one.setting for one in selections], unsaid=[f"recipe.{name}" for name in fields])
    return [_told_apart(one, words[one.setting]) for one in selections]


def _told_apart(one: Selection, words: tuple[str, ...]) -> Selection:
    listed = ", ".join(one.names)
    picked = one.verdict and replace(one.verdict, differs=(*words, f"{listed} picked per loss and seed"))
    untuned = one.untuned and replace(one.untuned, differs=(*words, f"{listed} not tuned"))
    return replace(one, verdict=picked, untuned=untuned)


def _fixed(key: Arm, hyper: Collection[str]) -> Arm:
    """The arm without the hyperparameters that are chosen."""
    return replace(key, hyper=tuple((name, value) for name, value in key.hyper if not _is_chosen(key, name, hyper)))


def _is_chosen(key: Arm, name: str, hyper: Collection[str]) -> bool:
    return name in hyper or f"{key.loss}.{name}" in hyper


def _with(setting: Setting, values: Mapping[str, Any]) -> Setting:
    return replace(setting, recipe=replace(setting.recipe, **values))


@dataclass(frozen=True)
class _Candidate:
    """A loss as it was trained with one combination."""

    values: Combination
    setting: Setting
    arm: ArmResults

    @cached_property
    def by_seed(self) -> dict[int, Row]:
        return {row.cell.seed: row for row in (*self.arm.rows, *self.arm.lost)}


def _by_combination(
    trained: Iterable[tuple[Setting, ArmResults]], fields: Sequence[str], hyper: Sequence[str]
) -> list[_Candidate]:
    """The candidates of a loss, the smallest values first."""
    candidates = []
    for setting, arm in trained:
        chosen = [(name, value) for name, value in arm.key.hyper if _is_chosen(arm.key, name, hyper)]
        values = (*((name, getattr(setting.recipe, name)) for name in fields), *chosen)
        candidates.append(_Candidate(values, setting, arm))
    return sorted(candidates, key=lambda one: order(one.values))


def _picks(key: Arm, candidates: Sequence[_Candidate], by: str) -> LossPicks | None:
    """What is picked of one loss; None where no seed has every candidate."""
    seeds = sorted(set().union(*(one.by_seed for one in candidates)))
    complete = [seed for seed in seeds if all(seed in one.by_seed for one in candidates)]
    if not complete:
        return None
    metric, better = CRITERIA[by].metric, CRITERIA[by].better
    untuned = _untuned(key, candidates)
    return LossPicks(
        _picked(key, candidates, complete, _loss_of(f"val_{metric}", better)),
        _picked(key, candidates, complete, _loss_of(metric, better)),
        _at_seeds(untuned.arm, complete),
        untuned.values,
        tuple(one.values for one in candidates),
        len(seeds) - len(complete),
    )


def _loss_of(name: str, better: str) -> Number:
    """A number of a row of which the smallest is the best."""

    def number(row: Row) -> float | None:
        value = value_of(row, name)
        return None if value is None else -value if better == "higher" else abs(value) if better == "zero" else value

    return number


def _picked(key: Arm, candidates: Sequence[_Candidate], seeds: Sequence[int], number: Number) -> PickedArm:
    rows, lost, picks = [], [], []
    for seed in seeds:
        at_seed = [(one, one.by_seed[seed]) for one in candidates]
        failed = [row for _, row in at_seed if row.status == "failed"]
        finished = [(number(row), one, row) for one, row in at_seed if row.status == "ok"]
        numbers = [(value, one, row) for value, one, row in finished if value is not None]
        if failed or not numbers:
            lost.append(failed[0] if failed else next((row for _, row in at_seed if row.status != "ok"), at_seed[0][1]))
            continue
        _, best, row = min(numbers, key=lambda one: one[0])
        rows.append(row)
        picks.append((seed, best.values))
    trained_as = frozenset((one.arm.key, one.setting.recipe) for one in candidates)
    survivors = candidates[0].arm.survivors
    return PickedArm(key, tuple(rows), tuple(lost), survivors, picks=tuple(picks), candidates=trained_as)


def _at_seeds(arm: ArmResults, seeds: Collection[int]) -> ArmResults:
    """The arm with those seeds alone."""
    rows, lost = (tuple(row for row in some if row.cell.seed in seeds) for some in (arm.rows, arm.lost))
    return replace(arm, rows=rows, lost=lost)


def _untuned(key: Arm, candidates: Sequence[_Candidate]) -> _Candidate:
    """The candidate with the values that are used where none is given; of what has no such value, the middle one."""
    left = list(candidates)
    for place, (name, _) in enumerate(candidates[0].values):
        values = sorted({one.values[place][1] for one in left}, key=lambda value: (isinstance(value, str), value))
        own = [value for value in _own(key.loss, candidates[0].setting, name) if value in values]
        kept = own[0] if own else values[(len(values) - 1) // 2]
        left = [one for one in left if one.values[place][1] == kept]
    return left[0]


def _own(loss: str, setting: Setting, name: str) -> list[float | str | None]:
    """The value of the model's recipe, or of the loss in the catalogue; None where it is not known.

    Of data that are no features the name does not tell whether they are images or a table: these in turn.
    """
    if name in RECIPE_SETTINGS:
        kinds = (FEATURES,) if features_of(setting.dataset) else (IMAGES, TABLE)
        return [own_value(setting.model, setting.recipe, name, kind) for kind in kinds]
    return [LOSSES[loss].hyper.get(name) if loss in LOSSES else None]
