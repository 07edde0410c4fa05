"""The design of looks at the rows of a results folder: made once, then found again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lsbench.analysis.looking.predicted import predicted_of
from lsbench.analysis.looking.subject import Subject
from lsbench.analysis.looking.training import suspects_in, training_sizes
from lsbench.analysis.summary import arms_by_setting
from lsbench.errors import InputError
from lsbench.rows.looks import DesignArm, StoredDesign
from lsbench.rows.status import TEST, TRAIN
from lsbench.statistics.looks import belief_of, make_design, sizes_of
from lsbench.version import __version__


def planned(subject: Subject, part: str, classes: Sequence[str], seed: int, folder: Path) -> StoredDesign:
    """A new design for the examples of one part, of the rows' predictions; nothing is written.

    Args:
        subject: whose examples.
        part: test or train.
        classes: (K,), their names.
        seed: of the permanent random numbers that give the order.
        folder: of the results.

    Raises:
        InputError: no predictions below the folder, or files that `run` did not write.
    """
    return (_of_test if part == TEST else _of_training)(subject, tuple(classes), seed, folder)


def _of_test(subject: Subject, classes: tuple[str, ...], seed: int, folder: Path) -> StoredDesign:
    """By what an example's label can say of the arms: how far they disagree on it, times the doubt about the label."""
    predicted = predicted_of(subject, len(classes), folder)
    belief = belief_of(predicted.probs, predicted.given)
    sizes = sizes_of(predicted.effects(), belief, predicted.given, brier=predicted.brier_effects())
    numbers = np.arange(len(predicted.given))
    return _stored(subject, TEST, classes, seed, (numbers, predicted.given, sizes), predicted.design_arms)


def _of_training(subject: Subject, classes: tuple[str, ...], seed: int, folder: Path) -> StoredDesign:
    """By doubt, and by the rank on the list of suspicious labels."""
    suspects, pool = suspects_in(subject, folder)
    if suspects.train is None or pool.probs.shape[1] != len(classes):
        raise InputError(
            f"the held-out predictions of {subject.dataset!r} are of {pool.probs.shape[1]} classes, the data set has"
            f" {len(classes)}; train it again"
        )
    ranks = np.empty(len(pool.examples), np.int64)
    ranks[np.searchsorted(pool.examples, suspects.train.numbers)] = np.arange(len(ranks))
    sizes = training_sizes(belief_of(pool.probs, pool.given), pool.given, ranks)
    arms = [arm for some in arms_by_setting(subject.rows).values() for arm in some if arm.name in suspects.arms]
    made = tuple(DesignArm(arm.name, tuple(row.id for row in arm.rows)) for arm in arms)
    return _stored(subject, TRAIN, classes, seed, (pool.examples, pool.given, sizes), made)


def _stored(
    subject: Subject,
    part: str,
    classes: tuple[str, ...],
    seed: int,
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray],
    arms: tuple[DesignArm, ...],
) -> StoredDesign:
    """Arrays (N,): numbers, given labels, sizes."""
    design = make_design(arrays[2], seed)
    return StoredDesign(
        dataset=subject.dataset,
        fingerprint=subject.fingerprint,
        part=part,
        test_noise=subject.test_noise,
        classes=classes,
        numbers=arrays[0].astype(np.int64),
        given=arrays[1].astype(np.int64),
        sizes=design.sizes.astype(np.float64),
        order=design.order.astype(np.int64),
        seed=seed,
        arms=arms,
        version=__version__,
    )


def found_again(designs: Sequence[StoredDesign], subject: Subject, part: str, seed: int) -> StoredDesign | None:
    """The design that was made before for the same examples, part and seed, whatever was trained since."""
    wanted = (subject.fingerprint, part, subject.test_noise, seed)
    return next((one for one in designs if (one.fingerprint, one.part, one.test_noise, one.seed) == wanted), None)
