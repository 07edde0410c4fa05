"""Cleaned labels against the formulas of confident learning, written out example by example."""

import numpy as np
import pytest
import torch

from lsbench.errors import InputError
from lsbench.noise import estimate_matrix, prune, relabel
from lsbench.noise.shrink import shrunk_matrix

CLASSES = 4


def predictions(seed=0, n=300):
    """Probabilities of a fair model, and given labels of which a third are wrong."""
    draws = np.random.default_rng(seed)
    true = draws.integers(CLASSES, size=n)
    logits = draws.normal(size=(n, CLASSES)) + 2.5 * np.eye(CLASSES)[true]
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    given = np.where(draws.random(n) < 1 / 3, draws.integers(CLASSES, size=n), true)
    return probs, given, true


def reference(probs, given):
    """The joint in examples, and the believed class of each example or None: Northcutt et al., 2021, section 3.1."""
    thresholds = [probs[given == j, j].mean() for j in range(CLASSES)]
    counts, believed = np.zeros((CLASSES, CLASSES)), []
    for p, label in zip(probs, given, strict=True):
        reached = [j for j in range(CLASSES) if p[j] >= thresholds[j] - 1e-9]
        believed.append(max(reached, key=lambda j: p[j]) if reached else None)
        if reached:
            counts[label, believed[-1]] += 1
    joint = [counts[i] / counts[i].sum() * (given == i).sum() for i in range(CLASSES)]
    return np.array(joint), believed


def dropped_by_class(probs, given, joint):
    """Section 3.2: of each given class as many as are believed to be of another, of lowest self-confidence."""
    dropped = set()
    for i in range(CLASSES):
        members = sorted((probs[e, i], e) for e in np.flatnonzero(given == i))
        dropped |= {e for _, e in members[: round(sum(joint[i]) - joint[i][i])]}
    return dropped


def dropped_by_rate(probs, given, joint):
    """Section 3.2: of each pair of classes as many as the joint says, of largest margin."""
    dropped = set()
    for i in range(CLASSES):
        for j in set(range(CLASSES)) - {i}:
            members = sorted((probs[e, i] - probs[e, j], e) for e in np.flatnonzero(given == i))
            dropped |= {e for _, e in members[: round(joint[i][j])]}
    return dropped


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_left_out_is_that_of_the_formulas(seed):
    probs, given, _ = predictions(seed)
    joint, _ = reference(probs, given)
    by_class, by_rate = dropped_by_class(probs, given, joint), dropped_by_rate(probs, given, joint)
    assert len(by_class ^ by_rate) > 3, "the ways differ"
    for by, expected in (("class", by_class), ("rate", by_rate), ("both", by_class & by_rate)):
        cleaned = prune(probs, given, by=by)
        assert set(np.flatnonzero(~cleaned.kept.numpy())) == expected
        assert cleaned.labels.tolist() == given.tolist()


def test_a_label_that_is_contradicted_becomes_the_believed_class():
    probs, given, true = predictions()
    _, believed = reference(probs, given)
    cleaned = relabel(probs, given)
    assert cleaned.labels.tolist() == [g if b is None else b for g, b in zip(given, believed, strict=True)]
    assert cleaned.kept.all()
    assert (cleaned.labels.numpy() == true).mean() > (given == true).mean() + 0.1


def test_an_estimated_matrix_counts_the_surest_quarter_of_each_believed_class():
    probs, given, _ = predictions()
    _, believed = reference(probs, given)
    counts = torch.zeros(CLASSES, CLASSES, dtype=torch.float64)
    for i in range(CLASSES):
        members = sorted((-probs[e, i], e) for e in range(len(given)) if believed[e] == i)
        for _, e in members[: -(-len(members) // 4)]:
            counts[i, given[e]] += 1
    torch.testing.assert_close(estimate_matrix(probs, given), shrunk_matrix(counts), rtol=0, atol=0)


def test_a_class_that_no_example_is_believed_to_be_keeps_its_labels():
    probs, given = np.array([[0.9, 0.1, 0.0]] * 5 + [[0.1, 0.9, 0.0]] * 5), [0, 0, 0, 0, 1, 1, 1, 1, 1, 0]
    matrix = estimate_matrix(probs, given)
    assert matrix[2].tolist() == [0, 0, 1]
    torch.testing.assert_close(matrix.sum(1), torch.ones(3, dtype=torch.float64))


def test_without_a_contradiction_nothing_is_left_out_or_changed():
    probs, given = np.eye(3)[[0, 1, 2, 0]] * 0.7 + 0.1, [0, 1, 2, 0]
    for cleaned in (prune(probs, given), prune(probs, given, by="class"), relabel(probs, given)):
        assert (cleaned.labels.tolist(), cleaned.kept.all()) == (given, True)


def test_another_way_of_pruning_is_an_error():
    with pytest.raises(InputError, match="by must be one of class, rate, both"):
        prune(np.eye(2), [0, 1], by="size")
