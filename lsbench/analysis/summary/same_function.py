"""Losses of a setting that are one and the same function: one arm to every comparison, by one of them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary.arms import ArmResults
from lsbench.planning.identities import function_of
from lsbench.planning.plan import ALWAYS_TRAINED


@dataclass(frozen=True)
class Folded:
    """The arms that are compared, and those that are the same function as one of them."""

    arms: tuple[ArmResults, ...]  # one per function, in the order of the arms
    same: Mapping[Hashable, tuple[ArmResults, ...]]  # by the key of the arm that stands for them


def fold(arms: Sequence[ArmResults], *, clean: bool) -> Folded:
    """One arm per function. clean: whether no label was made wrong, so that a noise correction corrects nothing.

    An arm that lost no seed stands for one that did; then the order is ce, lsr, fused, and that of the arms. The others
    differ from it by rounding alone: what they show beside it is how much rounding does here. Rows are not pooled.
    """
    functions: dict[tuple, list[ArmResults]] = {}
    for arm in arms:
        key = arm.key
        own = ("own", key.loss, key.source, key.hyper) if key.source else ()
        functions.setdefault(own or function_of(key.loss, dict(key.hyper), clean=clean), []).append(arm)
    chosen = {_stands_for(group).key: group for group in functions.values()}
    return Folded(
        tuple(arm for arm in arms if arm.key in chosen),
        {key: tuple(arm for arm in group if arm.key != key) for key, group in chosen.items() if len(group) > 1},
    )


def _stands_for(group: Sequence[ArmResults]) -> ArmResults:
    places = {loss: place for place, loss in enumerate(ALWAYS_TRAINED)}
    return min(group, key=lambda arm: (not arm.comparable, places.get(arm.key.loss, len(places))))
