"""How often an example is worth a look."""

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics.looks import belief_of, sizes_of, tempered

GIVEN = np.array([0, 0, 1, 2])
EFFECT = np.array([[0.0, 0, 0], [1, -1, 0], [1, -1, 0], [0, 0, 0.5]])


def test_the_belief_is_bayes_rule_for_labels_that_are_wrong_at_random():
    b = belief_of([[0.5, 0.25, 0.25]], [0], wrong=0.2)
    assert b[0] == pytest.approx(np.array([0.4, 0.025, 0.025]) / 0.45)


def test_a_class_that_is_given_but_thought_impossible_leaves_the_prediction():
    assert belief_of([[0.0, 1.0]], [0], wrong=0.2)[0].tolist() == [0, 1]
    assert belief_of([[0.0, 1.0]], [0], wrong=0.0)[0].tolist() == [1, 0]


def test_predictions_are_tempered_until_they_are_as_sure_as_given_labels_allow_and_never_made_surer():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.full(5, 0.3), 4000)
    labels = (p.cumsum(1) > rng.random(4000)[:, None]).argmax(1).clip(max=4)
    sharper = p**3 / (p**3).sum(1, keepdims=True)
    milder = p**0.5 / (p**0.5).sum(1, keepdims=True)
    assert np.abs(tempered(sharper, labels) - p).mean() < 0.03
    assert tempered(milder, labels) == pytest.approx(milder, abs=1e-6)
    assert tempered(np.eye(2), [0, 1]).sum(1) == pytest.approx(1)


def test_sizes_grow_with_effect_and_doubt_and_never_fall_below_the_floor():
    sure, doubtful = belief_of(np.eye(3)[GIVEN] * 0.97 + 0.01, GIVEN), np.full((4, 3), 1 / 3)
    sizes = sizes_of([EFFECT], np.where(np.arange(4)[:, None] == 2, doubtful, sure), GIVEN)
    assert sizes.sum() == pytest.approx(1)
    assert sizes.min() >= (0.15 + 0.15) / 4 - 1e-12
    assert sizes[0] == pytest.approx(0.3 / 4)
    assert sizes[2] > sizes[1] > sizes[0]


def test_no_contrast_swamps_the_others():
    belief = np.full((4, 3), 1 / 3)
    other = EFFECT[::-1]
    assert sizes_of([EFFECT, other], belief, GIVEN) == pytest.approx(sizes_of([EFFECT, 1000 * other], belief, GIVEN))


def test_where_the_arms_agree_all_examples_are_alike():
    sizes = sizes_of([np.ones((4, 3))], np.full((4, 3), 1 / 3), GIVEN)
    assert sizes == pytest.approx(np.full(4, 0.25))


def test_differences_of_the_brier_score_have_their_share():
    belief, scores = np.full((4, 3), 1 / 3), np.array([[1.0, 2, 3], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    with_scores, without = sizes_of([EFFECT], belief, GIVEN, brier=[scores]), sizes_of([EFFECT], belief, GIVEN)
    assert with_scores[0] - without[0] == pytest.approx(0.15 * 3 / 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"floor": 0.0}, "floor must be above 0"), ({"floor": 0.9}, "floor"), ({"effects": [np.ones((4, 2))]}, "shape")],
)
def test_what_makes_no_sizes_is_refused(options, message):
    given = {"effects": [EFFECT], "belief": np.full((4, 3), 1 / 3), "given": GIVEN, **options}
    with pytest.raises(InputError, match=message):
        sizes_of(**given)


def test_what_is_no_belief_is_refused():
    with pytest.raises(InputError, match="negative"):
        belief_of([[-0.1, 1.1]], [0])
    with pytest.raises(InputError, match="given labels"):
        belief_of([[0.1, 0.9]], [2])
