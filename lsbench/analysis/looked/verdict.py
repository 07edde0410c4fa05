"""What looked-at labels decide of one setting's arms, by one criterion: the values; `decide` makes them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.looked.ece import LookedEce
from lsbench.analysis.looked.families import Leads, LookedClaim
from lsbench.analysis.looked.given_labels import GivenLabels
from lsbench.analysis.looked.metrics import BY_LABEL
from lsbench.analysis.looked.reaches import Reach, Reaches
from lsbench.analysis.summary import ArmResults
from lsbench.analysis.verdict import Verdict
from lsbench.rows.looks import Verified
from lsbench.rows.store import examples_path, predictions_path
from lsbench.statistics import FamilySize
from lsbench.statistics.looks import MoreLooks


@dataclass(frozen=True)
class LookedNumber:
    """A metric of one arm; each interval holds for itself, with 95 %, and no claim is made by it."""

    number: Reaches
    to_baseline: Reaches | None  # minus that of plain cross-entropy


@dataclass(frozen=True)
class LookedVerdict:
    """The answer of one setting's rows and of the labels that people gave."""

    verdict: Verdict  # by the given labels
    verified: Verified
    compared: tuple[Hashable, ...]  # the arms that the families compare: no lost seeds, and their answers are kept
    unkept: tuple[str, ...]  # names of arms whose answers are not kept
    not_finite: Mapping[str, tuple[str, ...]]  # by metric, the names of arms with a network whose number is not finite
    late: tuple[str, ...]  # names of arms with trainings that the design was not made for
    numbers: Mapping[str, Mapping[Hashable, LookedNumber]]  # by metric, then by arm
    baseline_claims: tuple[LookedClaim, ...]
    pair_claims: tuple[LookedClaim, ...]
    winners: Mapping[Reach, Hashable | None]
    may_be_best: Mapping[Reach, tuple[Hashable, ...]]
    leads: Leads | None  # of the winner, or of the arm that led by the given labels
    more: Mapping[Hashable, MoreLooks]  # by arm that is undecided against ce here: how many more looks would decide
    labels: GivenLabels
    ece: Mapping[Hashable, LookedEce]

    @property
    def metric(self) -> str | None:
        """The deciding metric, if a few labels can estimate it: a mean over examples."""
        return deciding_metric(self.verdict)

    @property
    def may_claim(self) -> bool:
        """Whether arms are compared: by a mean over examples, and there are two."""
        return self.metric is not None and len(self.compared) > 1

    @property
    def baseline_size(self) -> FamilySize:
        """How many comparisons the family against ce made, and for how many it is corrected."""
        return self.verdict.choice.baseline_size._replace(made=len(self.baseline_claims))

    @property
    def pairs_size(self) -> FamilySize:
        """The same of the family of all pairs."""
        return self.verdict.choice.pairs_size._replace(made=len(self.pair_claims))

    @property
    def named(self) -> Hashable | None:
        """The arm that leads by the given labels: it is named before a label is looked at."""
        return self.verdict.choice.leader

    @cached_property
    def against_baseline(self) -> Mapping[Hashable, LookedClaim]:
        """By arm what is shown of it against plain cross-entropy."""
        return {claim.arm: claim for claim in self.baseline_claims}

    @cached_property
    def winner(self) -> tuple[Hashable, Reach] | None:
        """The winner for the widest reach that has one."""
        won = [(arm, reach) for reach in Reach if (arm := self.winners.get(reach)) is not None]
        return won[-1] if won else None

    @cached_property
    def better(self) -> tuple[LookedClaim, ...]:
        """The claims "better than plain cross-entropy", those with the widest reach first."""
        shown = [claim for claim in self.baseline_claims if claim.finding == "better"]
        return tuple(sorted(shown, key=lambda claim: (-_width(claim.reach), -abs(claim.gap.mean))))

    @property
    def reach(self) -> Reach | None:
        """For what the suggested arm is shown to be better, than all others or than ce; None where neither is shown."""
        if self.winner is not None:
            return self.winner[1]
        claim = self.against_baseline.get(self.suggested.key) if self.suggested else None
        return claim.reach if claim is not None and claim.finding == "better" else None

    @property
    def waiting(self) -> int:
        """How many of the looks some interval of the claims waits with, until a batch is complete."""
        return self.verified.n - min((claim.gap.n for claim in self.pair_claims), default=self.verified.n)

    @cached_property
    def suggested(self) -> ArmResults | None:
        """The winner; else of those shown to be better than ce, for the widest reach, the one that led before any look.

        Or the one that is farthest from ce, if that did not lead. Where none is shown to be better it is ce, if it may
        be best; else the arm that led.
        """
        if not self.may_claim:
            return None
        arms, baseline = self.verdict.arms, self.verdict.choice.baseline
        if self.winner is not None:
            return arms[self.winner[0]]
        if self.better:
            widest = [claim.arm for claim in self.better if claim.reach == self.better[0].reach]
            return arms[self.named if self.named in widest else widest[0]]
        plain = baseline in self.may_be_best[Reach.NETWORKS]
        first = baseline if plain or self.named not in self.compared else self.named
        return arms[first] if first in self.compared else arms[self.compared[0]]


def deciding_metric(verdict: Verdict) -> str | None:
    """The metric of a verdict's criterion, before temperature scaling, if it is a mean over examples."""
    metric = CRITERIA[verdict.criterion].metric if verdict.criterion in CRITERIA else ""
    return metric if metric in BY_LABEL else None


def can_be_looked_at(verdict: Verdict) -> bool:
    """Whether looked-at labels would compare a verdict's arms: by a mean over examples, of what is kept of each."""
    if deciding_metric(verdict) is None or verdict.folder is None or len(verdict.compared) < 2:
        return False
    path_of = examples_path if verdict.may_claim else predictions_path
    return all(path_of(row.id, verdict.folder).exists() for arm in verdict.compared for row in arm.rows)


def _width(reach: Reach | None) -> int:
    return -1 if reach is None else list(Reach).index(reach)
