"""What one arm's networks score on each example: by any label, by looked-at labels, and as the estimator's control."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsbench.analysis.criteria import UNSCALED
from lsbench.analysis.looked.metrics import BY_LABEL, ByLabel, Floats, Kept, kept_of
from lsbench.analysis.looked.sample import Sample
from lsbench.errors import InputError
from lsbench.rows.examples import read_examples
from lsbench.rows.looks import StoredDesign
from lsbench.rows.row import Row
from lsbench.rows.store import examples_path
from lsbench.statistics.looks import believed_control, given_control


@dataclass(frozen=True)
class Scores:
    """A metric of one arm's networks, of S seeds, on N examples with K classes, of which n were looked at."""

    label: Floats  # (N, K): the part that depends on the label, the mean over the seeds
    fixed: Floats  # (N,): the part that does not, the mean over the seeds
    given: Floats  # (S, N): by the given label
    believed: Floats  # (S, N): the mean over the classes that it may be, by what is believed before a look
    looked_label: Floats  # (S, n, K)
    looked_fixed: Floats  # (S, n)

    def negative(self) -> "Scores":
        """Of the metric with the other sign."""
        return Scores(*(-part for part in vars(self).values()))

    def minus(self, other: "Scores") -> "Scores":
        """Of the difference of two arms' metrics, at the same seeds."""
        return Scores(*(ours - theirs for ours, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def scores_of(networks: Sequence[Kept], metric: str, sample: Sample) -> Scores | None:
    """The scores of these networks; None where not enough is kept of them."""
    parts = [BY_LABEL[metric](kept) for kept in networks]
    if any(part is None for part in parts):
        return None
    return _joined([part for part in parts if part is not None], sample)


def kept_for(row: Row, design: StoredDesign, folder: Path, way: str = UNSCALED) -> Kept | None:
    """The answers to the design's examples; None where they are not kept. `InputError`: of another test set."""
    kept = kept_of(row, folder, design.num_classes, way)
    if kept is None:
        return None
    examples = read_examples(examples_path(row.id, folder)) if row.cell.fingerprint != design.fingerprint else None
    if examples is not None:
        design.require_same_examples(examples.labels, f"row {row.id}")
    if len(kept.predicted) <= int(design.numbers.max()) or int(kept.predicted.max()) >= design.num_classes:
        raise InputError(
            f"the answers of row {row.id} are of another test set than design {design.id}: {len(kept.predicted):,} "
            f"examples, where the design has {design.count:,} of {design.num_classes} classes"
        )
    return kept.at(design.numbers)


def _joined(parts: Sequence[ByLabel], sample: Sample) -> Scores:
    examples, given, belief = sample.verified.examples, sample.given, sample.beliefs.before
    return Scores(
        label=np.mean([part.label for part in parts], axis=0),
        fixed=np.mean([part.fixed for part in parts], axis=0),
        given=np.stack([given_control(part.label, given).values + part.fixed for part in parts]),
        believed=np.stack([believed_control(part.label, belief).values + part.fixed for part in parts]),
        looked_label=np.stack([part.label[examples] for part in parts]),
        looked_fixed=np.stack([part.fixed[examples] for part in parts]),
    )
