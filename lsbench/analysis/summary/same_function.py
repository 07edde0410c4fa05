"""Losses of a setting that are one and the same function: one arm to every comparison, by one of them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsbench.analysis.summary.arms import ArmResults
from lsbench.planning.identities import function_of
from lsbench.planning.plan import ALWAYS_TRAINED
from lsbench.spec import Arm, Recipe


@dataclass(frozen=True)
class Folded:
    """The arms that are compared, and those that are the same function as one of them."""

    arms: tuple[ArmResults, ...]  # one per function, in the order of the arms
    same: Mapping[Hashable, tuple[ArmResults, ...]]  # by the key of the arm that stands for them

    @property
    def standing(self) -> Mapping[Arm, ArmResults]:
        """By each arm that is left out, the arm that stands for it."""
        by_key: dict[Hashable, ArmResults] = {arm.key: arm for arm in self.arms}
        return {arm.key: by_key[key] for key, others in self.same.items() for arm in others if key in by_key}


def fold(arms: Sequence[ArmResults], *, clean: bool | None = None) -> Folded:
    """One arm per function of one setting's arms.

    An arm that lost no seed stands for one that did; then the order is ce, lsr, fused, and that of the arms. The others
    differ from it by rounding alone: what they show beside it is how much rounding does here. Rows are not pooled.

    Args:
        arms: The arms of one setting.
        clean: Whether no label was made wrong, so that a noise correction corrects nothing. None: as the rows say.

    Returns:
        The arms that stand for a function, and the others.
    """
    by_key = {arm.key: arm for arm in arms}
    nothing_wrong = is_clean(arms) if clean is None else clean
    stands = stand_ins(
        by_key,
        clean=nothing_wrong,
        order=lambda key: not by_key[key].comparable,
        trained_as=lambda key: by_key[key].trained_as,
    )
    others: dict[Hashable, tuple[ArmResults, ...]] = {}
    for key, standing in stands.items():
        if key != standing:
            others[standing] = (*others.get(standing, ()), by_key[key])
    return Folded(tuple(arm for arm in arms if stands[arm.key] == arm.key), others)


def is_clean(arms: Iterable[ArmResults]) -> bool:
    """Whether the rows say that no label was made wrong."""
    return not any(row.cell.noise_rate for arm in arms for row in (*arm.rows, *arm.lost))


def stand_ins(
    arms: Iterable[Arm],
    *,
    clean: bool,
    order: Callable[[Arm], Any] = lambda _: 0,
    trained_as: Callable[[Arm], Collection[tuple[Arm, Recipe | None]]] = lambda arm: [(arm, None)],
) -> dict[Arm, Arm]:
    """By arm, the arm that stands for its function: itself for most.

    Args:
        arms: All arms that are looked at together.
        clean: Whether no label was made wrong, so that a noise correction corrects nothing.
        order: A key: the arm with the least stands for the others; of equals the first of ce, lsr, fused, then of
            `arms`.
        trained_as: Of an arm whose rows were picked among several, all that they were picked from.

    Returns:
        The arms, in their order, with the arm that stands for each.
    """
    functions = {
        arm: frozenset((_function(one, clean=clean), recipe) for one, recipe in trained_as(arm)) for arm in arms
    }
    places = {loss: place for place, loss in enumerate(ALWAYS_TRAINED)}
    ordered = sorted(functions, key=lambda arm: (order(arm), places.get(arm.loss, len(places))))
    first = {functions[arm]: arm for arm in reversed(ordered)}
    return {arm: first[function] for arm, function in functions.items()}


def _function(arm: Arm, *, clean: bool) -> tuple:
    """A key that two arms share where they are one function; code of the user's own is a function by itself."""
    if arm.source:
        return ("own", arm.loss, arm.source, arm.hyper)
    return function_of(arm.loss, dict(arm.hyper), clean=clean)
