"""Confident learning against the definition in plain Python, against cleanlab, and by hand."""

import dataclasses
import json
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.noise import NoiseEstimate, estimate_noise, flip_labels
from tests.cpu_time import cpu_time
from tests.in_turn import in_turn
from tests.noise.estimate_cases import Case, gaussians, shares, transitions


@pytest.fixture(scope="module")
def cleanlab() -> SimpleNamespace:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it imports is its own affair
        pytest.importorskip("cleanlab", reason="cleanlab is in the optional group peers")
        from cleanlab import count
    return SimpleNamespace(**vars(count))


def random_case(n: int, num_classes: int, seed: int, *, sharpness: float = 2.0) -> Case:
    """Probs and labels that follow them; unlike real ones, of classes that are not equally frequent."""
    draws = Generator().manual_seed(seed)
    logits = sharpness * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    probs = (logits + torch.randn(num_classes, generator=draws)).softmax(-1)
    return probs, torch.multinomial(probs, 1, generator=draws).squeeze(-1)


def slow_counts(probs: list[list[float]], given: list[int]) -> np.ndarray:
    """C[given][believed], from the definition."""
    num_classes = len(probs[0])
    threshold = {}
    for j in set(given):
        own = [row[j] for row, label in zip(probs, given, strict=True) if label == j]
        threshold[j] = sum(own) / len(own)
    counts = np.zeros((num_classes, num_classes))
    for row, label in zip(probs, given, strict=True):
        confident = [j for j in sorted(threshold) if row[j] >= threshold[j] - 1e-9]
        if confident:
            counts[label, max(confident, key=row.__getitem__)] += 1
    return counts


def slow_joint(probs: Tensor, given: Tensor) -> np.ndarray:
    counts = slow_counts(probs.tolist(), given.tolist())
    number = np.bincount(given.numpy(), minlength=len(counts))
    for i, row in enumerate(counts):
        row *= number[i] / row.sum() if row.sum() else 0
    return counts


CASES = [
    *(random_case(n, num_classes, seed) for seed in range(3) for n, num_classes in [(1, 2), (5, 10), (60, 2)]),
    *(random_case(n, num_classes, 7) for n, num_classes in [(500, 3), (1000, 10), (2000, 100)]),
    random_case(400, 4, 8, sharpness=0.1),
    (torch.full((12, 4), 0.25, dtype=torch.float64), torch.arange(12) % 4),
    (random_case(50, 3, 9)[0].round(decimals=1), random_case(50, 3, 9)[1]),  # ties
    (random_case(50, 5, 10)[0].logit().sigmoid(), random_case(50, 5, 11)[1]),
    (torch.sigmoid(3 * torch.randn(200, 6, generator=Generator().manual_seed(0)).double()), torch.arange(200) % 6),
]


# --- against the definition and cleanlab ----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(tuple(case[0].shape)))
def test_it_is_the_definition(case: Case) -> None:
    estimate, joint = estimate_noise(*case), slow_joint(*case)
    n = len(case[1])
    np.testing.assert_allclose(estimate.joint, joint, rtol=0, atol=1e-12 * n)
    assert estimate.rate == pytest.approx(1 - np.trace(joint) / n, abs=1e-12)
    believed = joint.sum(0)
    expected = np.divide(joint, believed, where=believed > 0, out=np.full_like(joint, np.nan)).T
    np.testing.assert_allclose(shares(estimate.matrix), expected, rtol=0, atol=1e-12)
    assert estimate.count == n


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(tuple(case[0].shape)))
def test_the_joint_sums_to_the_labels_given(case: Case) -> None:
    _, given = case
    joint = np.array(estimate_noise(*case).joint)
    np.testing.assert_allclose(joint.sum(-1), np.bincount(given.numpy(), minlength=len(joint)), atol=1e-9)
    assert joint.sum() == pytest.approx(len(given))


def largest_is_confident(probs: Tensor, given: Tensor) -> Tensor:
    """Where cleanlab and the paper agree: of several confident classes, cleanlab takes the largest of all classes."""
    mean = torch.stack([probs[given == j, j].mean() for j in range(probs.shape[-1])])
    confident = probs >= mean
    largest = confident.gather(-1, probs.argmax(-1, keepdim=True)).squeeze(-1)
    return largest | (confident.sum(-1) < 2)


@pytest.mark.parametrize(
    ("distance", "kind", "rate"), [(6, "symmetric", 0.4), (6, "pairflip", 0.3), (3, "pairflip", 0.2)]
)
@pytest.mark.parametrize("num_classes", [2, 3, 10])
def test_counts_and_matrices_are_cleanlabs(
    cleanlab: SimpleNamespace, distance: float, kind: str, rate: float, num_classes: int
) -> None:
    probs, true = gaussians(distance, 4000, num_classes)
    matrix = transitions(kind, rate, num_classes)
    given = flip_labels(true, rate, num_classes, Generator().manual_seed(0), kind)
    probs = (probs @ matrix).float().double()
    if num_classes > 2:
        assert largest_is_confident(probs, given).float().mean() > 0.99
    counts = cleanlab.compute_confident_joint(given.numpy(), probs.numpy(), calibrate=False)
    ours = estimate_noise(probs, given)
    differing = int((~largest_is_confident(probs, given)).sum())
    assert np.abs(counts - slow_counts(probs.tolist(), given.tolist())).sum() <= 2 * differing
    joint = cleanlab.estimate_joint(given.numpy(), probs.numpy())
    np.testing.assert_allclose(np.array(ours.joint) / 4000, joint, rtol=0, atol=(1 + differing) / 4000)
    _, noise, _, _ = cleanlab.estimate_py_and_noise_matrices_from_probabilities(
        given.numpy(), probs.numpy(), converge_latent_estimates=False
    )
    # whole counts there, shares here; its column is the true class
    np.testing.assert_allclose(shares(ours.matrix), noise.T, rtol=0, atol=(2 + differing) / (4000 / num_classes))


def test_cleanlab_takes_the_largest_class_even_where_it_is_not_confident(cleanlab: SimpleNamespace) -> None:
    probs = torch.tensor([[0.9, 0.05, 0.05]] * 4 + [[0.1, 0.3, 0.6], [0.1, 0.6, 0.3]] + [[0.5, 0.46, 0.04]]).double()
    given = torch.tensor([0, 0, 0, 0, 2, 1, 1])
    # thresholds .9, .53, .6: none for the last; with class 1 at .45 and class 2 at .04 both would do, .5 would not
    probs[5, 1], probs[4, 2] = 0.43, 0.03
    theirs = cleanlab.compute_confident_joint(given.numpy(), probs.numpy(), calibrate=False)
    assert theirs[1, 0] == 1
    assert np.array(estimate_noise(probs, given).joint)[1, 0] == 0


# --- by hand --------------------------------------------------------------------------------------------------


def test_two_classes_by_hand() -> None:
    probs = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.6, 0.4]]).double()
    given = torch.tensor([0, 0, 0, 1, 1])
    # thresholds .6 and .55: believed are 0, 0, 1, 1, 0
    estimate = estimate_noise(probs, given)
    assert np.array(estimate.joint) == pytest.approx(np.array([[2, 1], [1, 1]]))
    assert estimate.rate == pytest.approx(0.4)
    assert np.array(estimate.matrix) == pytest.approx(np.array([[2 / 3, 1 / 3], [0.5, 0.5]]))


def test_who_reaches_no_threshold_is_left_out_and_made_up_for() -> None:
    probs = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.1, 0.9]]).double()
    given = torch.tensor([0, 0, 0, 1])
    # thresholds .533 and .9: the second and third are believed to be of no class
    estimate = estimate_noise(probs, given)
    assert np.array(estimate.joint) == pytest.approx(np.array([[3, 0], [0, 1]]))
    assert estimate.rate == 0


def test_a_class_that_is_never_given_is_never_believed() -> None:
    probs = torch.tensor([[0.1, 0.2, 0.7], [0.7, 0.2, 0.1], [0.2, 0.7, 0.1]]).double()
    estimate = estimate_noise(probs, torch.tensor([0, 0, 1]))
    assert estimate.matrix == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (None, None, None))
    assert estimate.joint == ((2.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0))


def test_the_same_prediction_for_all_makes_all_the_largest_class() -> None:
    probs = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64).expand(10, 3)
    estimate = estimate_noise(probs, torch.tensor([0] * 3 + [1] * 6 + [2]))
    assert estimate.rate == pytest.approx(0.4)
    assert estimate.matrix == ((None, None, None), pytest.approx((0.3, 0.6, 0.1)), (None, None, None))


@in_turn("n", range(3, 60, 4))
def test_a_mean_that_rounds_above_equal_probs_is_still_reached_by_them(n: int) -> None:
    probs = torch.tensor([0.1, 0.7, 0.2], dtype=torch.float64).expand(n, 3)
    given = torch.arange(n) % 3
    estimate = estimate_noise(probs, given)
    assert estimate.rate == pytest.approx(1 - float((given == 1).double().mean()))


def test_of_equal_probs_the_first_class_is_believed() -> None:
    estimate = estimate_noise(torch.full((4, 2), 0.5), torch.tensor([0, 0, 1, 1]))
    assert estimate.joint == ((2.0, 0.0), (2.0, 0.0))
    assert estimate.rate == 0.5


def test_no_labels_have_no_rate() -> None:
    estimate = estimate_noise(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
    assert estimate == NoiseEstimate(None, ((None, None), (None, None)), ((0.0, 0.0), (0.0, 0.0)), 0)


def test_it_is_ready_for_json() -> None:
    fields = dataclasses.asdict(estimate_noise(*random_case(40, 4, 0)))
    assert json.loads(json.dumps(fields, allow_nan=False))["rate"] == fields["rate"]


def test_the_order_and_the_dtype_change_nothing() -> None:
    probs, given = random_case(500, 5, 3)
    order = torch.randperm(500, generator=Generator().manual_seed(0))
    estimate = estimate_noise(probs.float(), given)
    assert estimate_noise(probs.float().double()[order], given.to(torch.uint8)[order]) == estimate


def test_ten_thousand_examples_cost_less_than_sorting_them_a_few_times() -> None:
    probs, given = random_case(10_000, 100, 0)
    assert cpu_time(lambda: estimate_noise(probs, given)) < 3 * cpu_time(lambda: probs.sort(-1))


# --- errors ---------------------------------------------------------------------------------------------------

P, Y = torch.full((4, 3), 0.3), torch.zeros(4, dtype=torch.long)


@in_turn(
    ("probs", "given", "message"),
    [
        (P[0], Y, r"probs must have shape \(n, K\) with K at least 2, got \(3,\)"),
        (P[:, :1], Y, r"got \(4, 1\)"),
        (P, Y[:3], "equally long, got 4 rows and 3 labels"),
        (P, Y + 3, r"given must be class numbers in \[0, 3\), got 3"),
        (P, Y - 1, "got -1"),
        (P * float("nan"), Y, r"probs must be in \[0, 1\], got nan"),
        (P * float("inf"), Y, "got inf; from logits, take softmax"),
        (P * 5, Y, "got 1.5"),
        (-P, Y, "got -0.3"),
        (P, Y[:, None], r"given must have one dimension"),
    ],
)
def test_what_makes_no_sense_is_an_error(probs: Tensor, given: Tensor, message: str) -> None:
    with pytest.raises(InputError, match=message):
        estimate_noise(probs, given)


@in_turn(
    ("probs", "given", "message"),
    [
        (P.long(), Y, "probs must be a floating-point tensor or array, got torch.int64"),
        ("many", Y, "got str"),
        (P.long().numpy(), Y, "got int64"),
        (P, Y.double(), "given must be an integer tensor or array, got torch.float64"),
    ],
)
def test_what_is_of_the_wrong_type_is_an_error(probs: object, given: Tensor, message: str) -> None:
    with pytest.raises(DtypeError, match=message):
        estimate_noise(probs, given)  # pyright: ignore[reportArgumentType]
