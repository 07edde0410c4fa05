"""The verdict of a setting's arms by looked-at labels."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsbench.analysis.looked.ece import looked_ece
from lsbench.analysis.looked.families import (
    ALPHA,
    Family,
    Leads,
    LookedClaim,
    against_baseline,
    all_pairs,
    leads_of,
    may_be_best,
    winner_of,
)
from lsbench.analysis.looked.given_labels import given_labels_of
from lsbench.analysis.looked.metrics import BY_LABEL
from lsbench.analysis.looked.networks import Networks
from lsbench.analysis.looked.reaches import Reach
from lsbench.analysis.looked.table import LookedTable
from lsbench.analysis.looked.verdict import LookedNumber, LookedVerdict, deciding_metric
from lsbench.analysis.summary import ArmResults
from lsbench.analysis.verdict import Verdict
from lsbench.errors import InputError
from lsbench.names.catalogue import METRICS
from lsbench.rows.looks import Verified, verified_of
from lsbench.rows.row import Row
from lsbench.statistics.looks import MoreLooks


def looked_verdict(verdict: Verdict, verified: Sequence[Verified]) -> LookedVerdict | None:
    """What looked-at test labels show of a verdict's arms; None where none were looked at of its data set.

    Raises:
        InputError: the rows' folder is not given, or a file beside the rows is not what `run` writes.
    """
    looked = verified_of(verified, (row.cell for row in _rows(verdict)), "test")
    if looked is None:
        return None
    if verdict.folder is None:
        raise InputError("looked-at labels need the results folder: what each test example got is kept there")
    return _made(verdict, looked, verdict.folder)


def _made(verdict: Verdict, verified: Verified, folder: Path) -> LookedVerdict:
    metric, networks = deciding_metric(verdict), Networks(verdict, verified, folder)
    tables = {name: networks.table(name) for name in BY_LABEL}
    deciding = tables[metric] if metric else None
    compared = tuple(deciding.scores) if deciding else ()
    families = _families(verdict, deciding) if deciding and len(compared) > 1 else _NONE
    kept = {arm.key: networks.kept(networks.rows(arm)) for arm in networks.arms}
    return LookedVerdict(
        verdict=verdict,
        verified=verified,
        compared=compared,
        unkept=tuple(arm.name for arm in networks.arms if deciding and arm.key not in compared),
        not_finite={"nll": _without_finite_nll(verdict, networks)},
        late=_late(verdict, verified),
        numbers={name: _numbers(table, verdict.choice.baseline) for name, table in tables.items()},
        **vars(families),
        labels=given_labels_of(networks.sample),
        ece={key: looked_ece(some, networks.sample) for key, some in kept.items() if some},
    )


@dataclass(frozen=True)
class _Families:
    baseline_claims: tuple[LookedClaim, ...]
    pair_claims: tuple[LookedClaim, ...]
    winners: Mapping[Reach, Hashable | None]
    may_be_best: Mapping[Reach, tuple[Hashable, ...]]
    leads: Leads | None
    more: Mapping[Hashable, MoreLooks]


_NONE = _Families((), (), {}, {}, None, {})


def _families(verdict: Verdict, table: LookedTable) -> _Families:
    choice, arms = verdict.choice, tuple(table.scores)
    family = Family(
        table.gap,
        higher=not table.to_zero and METRICS[deciding_metric(verdict) or ""].better == "higher",
        tolerance=verdict.tolerance,
        counted=choice.counted,
        arms=len(verdict.arms),
    )
    winners = {reach: winner_of(arms, choice.leader, family, reach) for reach in Reach}
    ahead = winners[Reach.NETWORKS] or choice.leader
    baseline = tuple(against_baseline(arms, choice.baseline, family)) if choice.baseline in arms else ()
    return _Families(
        baseline,
        tuple(all_pairs(arms, family)),
        winners,
        {reach: may_be_best(arms, family, reach) for reach in Reach},
        leads_of(ahead, arms, choice.leader, family) if ahead in arms else None,
        _more(baseline, table, ALPHA / max(1, choice.counted - 1) / 2, verdict.tolerance),
    )


def _more(
    claims: Sequence[LookedClaim], table: LookedTable, side: float, tolerance: float
) -> dict[Hashable, MoreLooks]:
    """Of each arm that is undecided against ce how many more looks would tell the two apart; none with a tolerance."""
    undecided = [claim for claim in claims if claim.finding == "undecided" and not tolerance]
    made = {claim.arm: table.more(claim.arm, claim.other, side) for claim in undecided}
    return {arm: more for arm, more in made.items() if more is not None}


def _numbers(table: LookedTable, baseline: Hashable | None) -> dict[Hashable, LookedNumber]:
    """Each arm's own number and its difference to ce, each with an interval of 95 % for itself."""
    return {
        arm: LookedNumber(
            table.number(arm, ALPHA / 2),
            table.gap(arm, baseline, ALPHA / 2) if baseline in table.scores and baseline != arm else None,
        )
        for arm in table.scores
    }


def _rows(verdict: Verdict) -> list[Row]:
    return [row for arm in verdict.arms.values() for row in (*arm.rows, *arm.lost)]


def _without_finite_nll(verdict: Verdict, networks: Networks) -> tuple[str, ...]:
    """The arms with a network that gives some class a probability of 0, or one too low to be kept."""

    def is_finite(arm: ArmResults) -> bool:
        kept = networks.kept(networks.rows(arm)) if arm in networks.arms else None
        given = all(row.metrics.get("nll") is not None for row in arm.rows)
        return given and all(one.is_finite for one in kept or ())

    return tuple(arm.name for arm in verdict.arms.values() if not is_finite(arm))


def _late(verdict: Verdict, verified: Verified) -> tuple[str, ...]:
    """The arms with rows that the design was not made for."""
    before = {row for arm in verified.design.arms for row in arm.rows}
    return tuple(arm.name for arm in verdict.arms.values() if any(row.id not in before for row in arm.rows))
