"""What the networks of some rows predict for the test examples, from the files beside the rows."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looking.subject import Subject
from lsbench.analysis.summary import BASELINE, ArmResults, Setting, arms_by_setting, fold
from lsbench.errors import InputError
from lsbench.rows.examples import read_examples
from lsbench.rows.log_probs import read_logits
from lsbench.rows.looks.design import DesignArm
from lsbench.rows.predictions import read_predictions
from lsbench.rows.store import examples_path, logits_path, predictions_path

Classes = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ArmPredictions:
    """One arm of one setting: the likeliest class of each of N test examples, by seed, and what is kept beside it."""

    arm: ArmResults
    by_seed: Mapping[int, Classes]  # (N,)
    probs: Floats | None  # (N, K), the mean over its seeds that have log-probs; None where none has

    def accuracy(self, given: Classes) -> float:
        """The mean over its seeds, against the labels as given."""
        return float(np.mean([np.mean(predicted == given) for predicted in self.by_seed.values()]))


@dataclass(frozen=True)
class Predicted:
    """What the arms of all settings of one data set predict for its N test examples, of K classes."""

    given: Classes  # (N,), the labels that the rows were measured against
    num_classes: int
    arms: Mapping[Setting, Sequence[ArmPredictions]]  # one per function, in each setting
    probs: Floats  # (N, K), of the arm that predicts the given labels best; how many chose each class without log-probs

    @cached_property
    def design_arms(self) -> tuple[DesignArm, ...]:
        """The arms with the ids of their rows; the same arm of several settings is one."""
        rows: dict[str, list[str]] = {}
        for one in self._all:
            rows.setdefault(one.arm.name, []).extend(row.id for row in one.arm.rows if row.cell.seed in one.by_seed)
        return tuple(DesignArm(name, tuple(ids)) for name, ids in rows.items())

    @property
    def _all(self) -> Iterable[ArmPredictions]:
        return (one for arms in self.arms.values() for one in arms)

    def effects(self) -> Iterator[Floats]:
        """(N, K) for each contrast of two arms: how the difference of their accuracies depends on an example's label.

        d_i(c) is the share of seeds at which the one predicts c, minus that of the other. Of each setting the arms are
        compared with plain cross-entropy and with the arm that leads by the labels as given; where there is one arm
        alone, with nothing.
        """
        for arms in self.arms.values():
            if len(arms) == 1:
                yield self._share(arms[0], arms[0].by_seed)
            yield from (self._difference(one, other) for one, other in self._pairs(arms))

    def brier_effects(self) -> Iterator[Floats]:
        """(N, K) for each of the contrasts of which both arms have log-probs: how their Brier scores differ by label.

        Of |p|² - 2 p_c + 1 the part that depends on the label c, mean over seeds.
        """
        for arms in self.arms.values():
            if len(arms) == 1 and arms[0].probs is not None:
                yield -2 * arms[0].probs
            for one, other in self._pairs(arms):
                if one.probs is not None and other.probs is not None:
                    yield -2 * (one.probs - other.probs)

    def _pairs(self, arms: Sequence[ArmPredictions]) -> list[tuple[ArmPredictions, ArmPredictions]]:
        leader = max(arms, key=lambda one: one.accuracy(self.given))
        baseline = next((one for one in arms if one.arm.key.loss == BASELINE), leader)
        pairs = [(one, other) for other in _once([baseline, leader]) for one in arms if one is not other]
        if baseline is not leader:
            pairs.remove((baseline, leader))  # it is there the other way round
        return pairs

    def _difference(self, one: ArmPredictions, other: ArmPredictions) -> Floats:
        """By the seeds that both have, if there are any."""
        shared = one.by_seed.keys() & other.by_seed.keys()
        return self._share(one, shared or one.by_seed) - self._share(other, shared or other.by_seed)

    def _share(self, one: ArmPredictions, seeds: Iterable[int]) -> Floats:
        return shares([one.by_seed[seed] for seed in sorted(seeds)], self.num_classes)


def _once(arms: Sequence[ArmPredictions]) -> list[ArmPredictions]:
    return [one for i, one in enumerate(arms) if not any(one is before for before in arms[:i])]


def shares(predicted: Sequence[Classes], num_classes: int) -> Floats:
    """(N, K): for each example how many of several predictions are of each class, as a share."""
    counts = np.zeros((len(predicted[0]), num_classes))
    for classes in predicted:
        counts[np.arange(len(classes)), classes] += 1
    return counts / len(predicted)


def predicted_of(subject: Subject, num_classes: int, folder: Path) -> Predicted:
    """The predictions of all rows of a subject that have a file of them below the results folder.

    `InputError`: a file that `run` did not write or of other classes, rows whose test labels differ, or no file at all.
    """
    given, predicted = _kept(subject, num_classes, folder)
    arms: dict[Setting, list[ArmPredictions]] = {}
    for setting, arm in compared_arms(subject):
        by_seed = {row.cell.seed: predicted[row.id] for row in arm.rows if row.id in predicted}
        if by_seed:
            probs = _mean_probs(arm, by_seed, (len(given), num_classes), folder)
            arms.setdefault(setting, []).append(ArmPredictions(arm, by_seed, probs))
    probs = _best_probs([one for some in arms.values() for one in some], given, num_classes)
    return Predicted(given, num_classes, arms, probs)


def compared_arms(subject: Subject) -> Iterator[tuple[Setting, ArmResults]]:
    """One arm per function, of each setting."""
    for setting, results in arms_by_setting(subject.rows).items():
        yield from ((setting, arm) for arm in fold(results, clean=not setting.noise_rate).arms)


def has_answers(arm: ArmResults, folder: Path) -> bool:
    """Whether some row of the arm has kept what each test example got."""
    return any(examples_path(row.id, folder).is_file() for row in arm.rows)


def _kept(subject: Subject, num_classes: int, folder: Path) -> tuple[Classes, dict[str, Classes]]:
    """The labels that all rows have, and the likeliest classes by row, in few bytes: there may be thousands of rows."""
    given, predicted = None, dict[str, Classes]()
    for row in subject.rows:
        path = examples_path(row.id, folder)
        examples = read_examples(path)
        if examples is None:
            continue
        given = examples.labels.astype(np.int64) if given is None else given
        largest = max(int(examples.labels.max()), int(examples.predicted.max()))
        if not np.array_equal(given, examples.labels) or largest >= num_classes:
            raise InputError(
                f"{path}: its test labels or classes are not those of the other rows of {subject.dataset!r}; train the"
                f" cell {row.id} again"
            )
        predicted[row.id] = examples.predicted.astype(np.min_scalar_type(num_classes))
    if given is None:
        raise InputError(
            f"no row of {subject.dataset!r} below {folder} has kept what each test example got; train without"
            " --no-per-example"
        )
    return given, predicted


def _best_probs(arms: Sequence[ArmPredictions], given: Classes, num_classes: int) -> Floats:
    """The mean probability over the seeds of the arm with the best accuracy of those that have log-probs.

    Without any, how many rows predict each class. They make the belief: what is wrong with it costs width alone.
    """
    for one in sorted(arms, key=lambda one: -one.accuracy(given)):
        if one.probs is not None:
            return one.probs
    return shares([predicted for one in arms for predicted in one.by_seed.values()], num_classes)


def _mean_probs(arm: ArmResults, seeds: Container[int], shape: tuple[int, int], folder: Path) -> Floats | None:
    kept = [_log_probs(row.id, folder) for row in arm.rows if row.cell.seed in seeds]
    probs = [np.exp(some) for some in kept if some is not None and some.shape == shape]
    return np.mean(probs, axis=0) if probs else None


def _log_probs(row_id: str, folder: Path) -> Floats | None:
    """(N, K), of the test examples; -65,504 stands for what is lower."""
    if predictions := read_predictions(predictions_path(row_id, folder)):
        return predictions.test_log_probs
    kept = read_logits(logits_path(row_id, folder / "logits"))
    return None if kept is None else kept.log_probs
