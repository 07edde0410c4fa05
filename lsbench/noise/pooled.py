"""How many given labels the held-out predictions of several trainings contradict, or why it is not told.

A contradiction is a wrong label or a mistake of the model: noise and the model's ignorance together. No part of this
needs torch.
"""

from dataclasses import dataclass, replace

import numpy as np

from lsbench.errors import InputError
from lsbench.noise.confident import Floats, Labels, confident_joint, given_if_believed, off_diagonal
from lsbench.noise.weak import surest_disagreement, weakness
from lsbench.statistics import wilson_interval

Matrix = tuple[tuple[float | None, ...], ...]

FEWEST = 10  # held-out examples of a class, for its threshold to mean something
MOST_DRAWS, FEWEST_DRAWS = 500, 100
ROUNDED = 1e-3  # a log-prob of 16 bits may be above 0 by this much
ELEMENTS = 100_000_000  # probabilities that all draws together look at: a second or two


@dataclass(frozen=True)
class Pool:
    """Held-out predictions of m pairs (example, given label), each once."""

    examples: Labels  # (m,), numbers in the data set's order
    given: Labels  # (m,), classes
    probs: Floats  # (m, K), the mean over the trainings that held the example out with this label
    weights: Floats  # (m,), the share of the example's trainings in which it had this label: 1 where labels never vary
    units: (
        Labels  # (m,), examples with one number belong together, as those of a patient; else the example's own number
    )

    @property
    def count(self) -> int:
        """How many different examples were held out."""
        return len(np.unique(self.examples))

    @property
    def accuracy(self) -> float:
        """Of the predictions, against the given labels; a pair counts by its weight."""
        return float(np.average(self.probs.argmax(-1) == self.given, weights=self.weights))


@dataclass(frozen=True)
class PooledNoise:
    """What held-out predictions say of n labels; `dataclasses.asdict` of it is ready for JSON."""

    contradicted: float  # share of labels that confident learning believes to be of another class
    low: float  # of its interval
    high: float  # the same, and never below what the plain disagreement allows: see `noise_interval`
    count: int  # n, different examples
    accuracy: float  # of the predictions, against the given labels
    majority: float  # the share of the most frequent given class: the accuracy of an answer that is always the same
    surest: float | None  # the share of labels that differ from the likeliest class, where the model is surest
    matrix: Matrix  # (K, K) P(given | believed); None for a class that is left out
    joint: (
        tuple[tuple[float, ...], ...] | None
    )  # (K, K) examples of a given class (row) believed to be of each (column)
    left_out: tuple[tuple[int, int], ...] = ()  # (class, its examples) where they are fewer than `FEWEST`
    arms: tuple[str, ...] = ()  # the names of those whose predictions these are; this and the next: the caller's
    trainings: int = 0  # how many they are
    is_pooled: bool = True  # False: the mean of what each training said, and n is of one training


@dataclass(frozen=True)
class Refused:
    """Why nothing is told of the labels."""

    reason: str  # a clause: "the model ..."
    count: int
    accuracy: float | None  # of the predictions, against the given labels
    majority: float | None
    left_out: tuple[tuple[int, int], ...] = ()
    arms: tuple[str, ...] = ()  # this and the next two: as for `PooledNoise`
    trainings: int = 0
    is_pooled: bool = True
    matrix: None = None


def pool(examples: Labels, given: Labels, log_probs: Floats, units: Labels | None = None) -> Pool:
    """Join predictions of the same example with the same given label: the mean of their probabilities.

    Where the label of an example differs between trainings (noise that is drawn anew for each seed), each label counts
    by how often the example had it, so that an example weighs 1.

    Args:
        examples: (v,) numbers of the examples, of all trainings one after the other.
        given: (v,) their labels there, in [0, K).
        log_probs: (v, K) of the predictions, by a model that was not trained on the example.
        units: (v,), the same for examples that belong together; by default each stands alone.

    Raises:
        InputError: arrays whose lengths differ, labels outside [0, K), log-probs that are NaN or above 0.

    Example:
        >>> log_probs = np.log([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]])
        >>> pool(np.array([5, 5, 6]), np.array([0, 0, 1]), log_probs).probs.round(2).tolist()
        [[0.8, 0.2], [0.2, 0.8]]
    """
    units = examples if units is None else units
    _require_predictions(examples, given, log_probs, units)
    num_classes = log_probs.shape[1]
    pairs = examples.astype(np.int64) * num_classes + given
    keys, first, place, times = np.unique(pairs, return_index=True, return_inverse=True, return_counts=True)
    total = np.zeros((len(keys), num_classes))
    np.add.at(total, place, np.exp(log_probs.astype(np.float64)))
    numbers = keys // num_classes
    _, of_example = np.unique(numbers, return_inverse=True)
    weights = times / np.bincount(of_example, times)[of_example] if len(keys) else np.zeros(0)
    return Pool(numbers, keys % num_classes, total / times[:, None], weights, units[first])


def pooled_noise(predictions: Pool, level: float = 0.95, seed: int = 0) -> PooledNoise | Refused:
    """What the pool says of the given labels; `Refused` where the model is too weak for it (`lsbench.noise.weak`).

    Classes with fewer than `FEWEST` examples are left out: their examples, and as classes to be believed.

    Args:
        predictions: of `pool`.
        level: of the interval, in (0, 1).
        seed: of the interval's draws.
    """
    kept, classes, left_out = _without_rare(predictions)
    if len(classes) < 2:
        reason = f"fewer than two classes have {FEWEST} examples that were held out"
        return Refused(reason, kept.count, None, None, left_out)
    accuracy, majority = kept.accuracy, _majority(kept)
    surest = surest_disagreement(kept.probs, kept.given, kept.weights)
    if reason := weakness(accuracy, majority, surest, kept.count):
        return Refused(reason, kept.count, accuracy, majority, left_out)
    joint = _as_all_classes(_joint(kept), classes, predictions.probs.shape[1])
    low, high = noise_interval(kept, level, seed)
    return PooledNoise(
        contradicted=_contradicted(kept),
        low=low,
        high=high,
        count=kept.count,
        accuracy=accuracy,
        majority=majority,
        surest=surest,
        matrix=given_if_believed(joint),
        joint=tuple(map(tuple, joint.tolist())),
        left_out=left_out,
    )


def noise_interval(predictions: Pool, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """The interval of the share of contradicted labels, for other examples of the same kind.

    The lower end is of a percentile bootstrap of confident learning's share, over examples, or over units where several
    belong together (trainings are pooled inside). The upper end is the larger one of the bootstrap's and of that of
    Wilson's interval for the share of labels that differ from the likeliest class. That share is there for a reason:
    given the image, a held-out prediction b is independent of the given label g, so
    P(g != b) >= 1 - max_c P(g = c | image), which is the noise's rate where the true class is the most frequent label
    of each image. Confident learning alone falls below the rate where a model has learnt some of the wrong labels of a
    class. Neither helps where wrong labels follow what a model can learn.
    """
    estimate, differs = _contradicted(predictions), 1 - predictions.accuracy
    shares, differing = np.array(_resampled(predictions, seed)).T
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    count = _effective_count(predictions, differs, float(np.var(differing)))
    _, plain = wilson_interval(min(max(count * differs, 0.0), count), count, level)
    return min(float(low), estimate), max(float(high), float(plain), estimate)


def _effective_count(predictions: Pool, share: float, variance: float) -> float:
    """How many independent examples give a share that variance; no fewer than units, no more than examples."""
    units = len(np.unique(predictions.units))
    if units == predictions.count or not variance:
        return float(units)
    return min(max(share * (1 - share) / variance, units), predictions.count)


def _resampled(predictions: Pool, seed: int) -> list[tuple[float, float]]:
    """The shares of contradicted labels and of those that differ from the likeliest class, in draws of units."""
    generator = np.random.default_rng(seed)
    numbers, of_unit = np.unique(predictions.units, return_inverse=True)
    draws = min(MOST_DRAWS, max(FEWEST_DRAWS, ELEMENTS // max(1, predictions.probs.size)))

    def shares() -> tuple[float, float]:
        times = np.bincount(generator.integers(0, len(numbers), len(numbers)), minlength=len(numbers))
        drawn = replace(predictions, weights=predictions.weights * times[of_unit])
        return _contradicted(drawn), 1 - drawn.accuracy

    return [shares() for _ in range(draws)]


def _joint(predictions: Pool) -> Floats:
    return confident_joint(predictions.probs, predictions.given, predictions.weights)


def _contradicted(predictions: Pool) -> float:
    return off_diagonal(_joint(predictions), float(predictions.weights.sum())) or 0.0


def _majority(predictions: Pool) -> float:
    return float(np.bincount(predictions.given, predictions.weights).max() / predictions.weights.sum())


def _without_rare(predictions: Pool) -> tuple[Pool, Labels, tuple[tuple[int, int], ...]]:
    """The pool of the classes with enough examples, renumbered; their numbers; what is left out."""
    number = np.bincount(predictions.given, minlength=predictions.probs.shape[1])
    classes = np.flatnonzero(number >= FEWEST)
    is_kept = np.isin(predictions.given, classes)
    kept = Pool(
        predictions.examples[is_kept],
        np.searchsorted(classes, predictions.given[is_kept]),
        predictions.probs[is_kept][:, classes],
        predictions.weights[is_kept],
        predictions.units[is_kept],
    )
    return kept, classes, tuple((int(label), int(number[label])) for label in np.flatnonzero(number < FEWEST))


def _as_all_classes(joint: Floats, classes: Labels, num_classes: int) -> Floats:
    whole = np.zeros((num_classes, num_classes))
    whole[np.ix_(classes, classes)] = joint
    return whole


def _require_predictions(examples: Labels, given: Labels, log_probs: Floats, units: Labels) -> None:
    if log_probs.ndim != 2 or not len(examples) == len(given) == len(log_probs) == len(units):
        shapes = ", ".join(str(np.shape(array)) for array in (examples, given, units, log_probs))
        raise InputError(f"examples, given, units (v,) and log_probs (v, K) must be equally long, got {shapes}")
    if len(given) and not 0 <= given.min() <= given.max() < log_probs.shape[1]:
        raise InputError(f"given labels must be in [0, {log_probs.shape[1]}), got {given.min()} to {given.max()}")
    if not (log_probs <= ROUNDED).all():  # a NaN is not
        raise InputError(f"log_probs must be at most 0, got {log_probs[~(log_probs <= ROUNDED)][0]:g}")
