"""The networks of a verdict's arms that can be compared, and what they answered; each file is read once, if room is."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import permutations
from pathlib import Path

import numpy as np

from lsbench.analysis.looked.metrics import GIVEN_CONTROLS, NEEDS_A_CLASS, Floats, Kept
from lsbench.analysis.looked.sample import Sample, sample_of
from lsbench.analysis.looked.scores import Scores, kept_for, scores_of
from lsbench.analysis.looked.table import LookedTable
from lsbench.analysis.looked.verdict import deciding_metric
from lsbench.analysis.per_example import has_groups
from lsbench.analysis.summary import ArmResults
from lsbench.analysis.verdict import Verdict
from lsbench.rows.looks import Verified
from lsbench.rows.row import Row
from lsbench.spec import Arm

ROOM = 500_000_000  # bytes of log-probs that are held at once


class Networks:
    """Of the arms that lost no seed: what `lsbench.analysis.looked` reads of them."""

    def __init__(self, verdict: Verdict, verified: Verified, folder: Path) -> None:
        design = verified.design
        self.verdict: Verdict = verdict
        self.verified: Verified = verified
        self.folder: Path = folder
        self.arms: tuple[ArmResults, ...] = tuple(arm for arm in verdict.arms.values() if arm.compared(verdict.metric))
        self.seeds: dict[Arm, frozenset[int]] = {arm.key: frozenset(arm.compared(verdict.metric)) for arm in self.arms}
        size = 8 * design.count * design.num_classes
        self._read = lru_cache(max(1, ROOM // size))(self._read_row)
        self._rows = {row.id: row for arm in self.arms for row in arm.rows}

    def kept(self, rows: Iterable[Row]) -> list[Kept] | None:
        """The answers of these networks; None where some are not kept."""
        read = [self._read(row.id) for row in rows]
        some = [one for one in read if one is not None]
        return some if some and len(some) == len(read) else None

    def _read_row(self, row_id: str) -> Kept | None:
        return kept_for(self._rows[row_id], self.verified.design, self.folder, self.verdict.temperature)

    def rows(self, arm: ArmResults, seeds: Collection[int] | None = None) -> list[Row]:
        """An arm's rows at these seeds, or at all that it is compared by."""
        wanted = self.seeds[arm.key] if seeds is None else seeds
        return [row for row in arm.rows if row.cell.seed in wanted]

    @cached_property
    def sample(self) -> Sample:
        """The looks, and what is believed of the other labels."""
        return sample_of(self.verified, self._probabilities())

    def _probabilities(self) -> Floats:
        """(N, K), of the arm that predicts the given labels best, the mean over its seeds; all alike without any."""
        design = self.verified.design
        best, most = np.full((design.count, design.num_classes), 1 / design.num_classes), -1.0
        before = {row for arm in design.arms for row in arm.rows}  # what was trained later changes no estimate
        for arm in self.arms:
            rows = self.rows(arm)
            kept = self.kept([row for row in rows if row.id in before] if before & self._rows.keys() else rows) or []
            right = float(np.mean([(one.predicted == design.given).mean() for one in kept])) if kept else -1.0
            if right > most:
                best, most = np.mean([one.probabilities for one in kept], axis=0), right
        return best

    def table(self, metric: str) -> LookedTable:
        """The arms of which the metric is known, any two of which share a seed."""
        whole = {arm.key: self._scores(arm, metric) for arm in self._with_common_seeds()}
        scores: dict[Hashable, Scores] = {key: made for key, made in whole.items() if made is not None}
        return LookedTable(
            self.sample,
            scores,
            self._pairs(scores, metric),
            value_outside=metric not in NEEDS_A_CLASS,
            given_controls=metric in GIVEN_CONTROLS,
            new_examples=not has_groups(self.arms, self.folder),
            to_zero=metric == deciding_metric(self.verdict) and self.verdict.better == "zero",
        )

    def _pairs(
        self, scores: Mapping[Hashable, Scores], metric: str
    ) -> dict[tuple[Hashable, Hashable], tuple[Scores, Scores]]:
        """Of any two arms the scores at the seeds that both have."""
        arms: dict[Hashable, ArmResults] = {arm.key: arm for arm in self.arms}
        pairs = {}
        for a, b in permutations(scores, 2):
            shared = self.seeds[arms[a].key] & self.seeds[arms[b].key]
            both = [
                self._scores(arms[one], metric, shared) if self._has_more(arms[one], shared) else scores[one]
                for one in (a, b)
            ]
            if both[0] is not None and both[1] is not None:
                pairs[a, b] = (both[0], both[1])
        return pairs

    def _has_more(self, arm: ArmResults, seeds: frozenset[int]) -> bool:
        return self.seeds[arm.key] != seeds

    def _scores(self, arm: ArmResults, metric: str, seeds: Collection[int] | None = None) -> Scores | None:
        kept = self.kept(self.rows(arm, seeds))
        return None if kept is None else scores_of(kept, metric, self.sample)

    def _with_common_seeds(self) -> list[ArmResults]:
        """The arms of which any two share a seed: those with the fewest seeds give way."""
        together: list[ArmResults] = []
        for arm in sorted(self.arms, key=lambda arm: -len(self.seeds[arm.key])):
            if all(self.seeds[arm.key] & self.seeds[other.key] for other in together):
                together.append(arm)
        return [arm for arm in self.arms if arm in together]
