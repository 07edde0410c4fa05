"""Whatever is given to a public function of the statistics in the place of numbers, the error is an `InputError`."""

import inspect

import numpy as np
import pandas as pd
import pytest

from lsbench import statistics
from lsbench.errors import InputError
from lsbench.statistics import against_baseline, choose, evidence_for, pairs_of, spread
from tests.in_turn import in_turn

A, B = np.random.default_rng(0).normal(size=(2, 6))
TABLE = np.random.default_rng(1).normal(size=(3, 8))
ERRORS = {"ce": [0.1, 0.12, 0.11, 0.13], "lsr": [0.2, 0.21, 0.22, 0.19], "gce": [0.11, 0.13, 0.1, 0.12]}
PAIRS = pairs_of(ERRORS)
FAMILY = {"pairs": PAIRS, "tolerance": 0.0, "alpha": 0.05, "chosen_from": 0}
TWO, LABELS = [[0, 0, 1, 1], [0, 0, 1, 0]], [0, 0, 1, 1]
SHARES = [[0.5, 0.1], [0.0, 0.4]], [[0.4, 0.1], [0.1, 0.4]]
PER_EXAMPLE = {arm: dict.fromkeys(range(4), TABLE[0]) for arm in ERRORS}
IN_SETTINGS = {arm: {setting: {0: float(setting)} for setting in range(6)} for arm in ("ce", "lsr")}
CASES = {
    "against_baseline": FAMILY | {"baseline": "ce"},
    "all_alike": {"values": A},
    "all_pairs": FAMILY,
    "average_ranks": {"scores": TABLE, "better": "higher"},
    "by_group": {"values": TABLE, "groups": np.arange(8) // 2},
    "cautious_difference": {"differences": A, "alpha": 0.05},
    "cautious_p": {"differences": A},
    "choose": {"values": ERRORS, "better": "higher", "tolerance": 0.0, "level": 0.95, "lost": (), "chosen_from": 0},
    "collapsed": {"differences": A, "times": 5.0},
    "common_basis": {"pairs": PAIRS},
    "compare_under_rules": {"values": {"last": ERRORS, "best": ERRORS}, "alpha": 0.05, "chosen_from": 0},
    "critical_difference": {"k": 3, "n": 8, "level": 0.95},
    "detectable_effect": {"n": 5, "alpha": 0.05},
    "disagreement_of": {"leading": TWO, "other": TWO, "labels": LABELS},
    "effect_size": {"a": A, "b": B},
    "equivalence_p": {"a": A, "b": B, "margin": 0.5},
    "evidence_for": FAMILY | {"claims": against_baseline(PAIRS, "ce")},
    "fewer_errors_p": {"only_ours": 3, "only_theirs": 5},
    "friedman": {"scores": TABLE},
    "gaps_of": {"a": A, "b": B},
    "gaps_to_best": {"pairs": PAIRS, "alpha": 0.05},
    "holm": {"p_values": [0.1, 0.2]},
    "is_above": {"a": A, "b": B},
    "joint_shares": {"answers": TWO, "labels": LABELS, "num_classes": 2},
    "kendall_tau": {"a": A, "b": B},
    "leader_of": {"pairs": PAIRS},
    "may_be_best": FAMILY,
    "order_holds_up_to": {"given": 0.05, "num_classes": 10, "most": 0.2, "label_free": 0.0},
    "paired_difference": {"a": A, "b": B, "level": 0.95},
    "pairs_of": {"values": ERRORS},
    "power": {"d_z": 1.0, "n": 5, "level": 0.95},
    "rank_over_settings": {"losses": IN_SETTINGS, "level": 0.95},
    "reversing_noise": {"ours": SHARES[0], "theirs": SHARES[1], "examples": 100},
    "seeds_needed": {"d_z": 1.0, "chance": 0.8, "level": 0.95},
    "seeds_to_decide": {"differences": A, "alpha": 0.05, "tolerance": 0.0},
    "seeds_to_find": {"differences": A, "alpha": 0.05, "tolerance": 0.0},
    "sequential_levels": {"looks": [3, 5], "alpha": 0.05},
    "sequential_test": {"differences": A, "looks": (3, 5), "levels": (0.01, 0.04)},
    "sequential_type_one": {"looks": (3, 5), "levels": (0.01, 0.04), "draws": 100},
    "sign_flip_p": {"a": A, "b": B},
    "sign_flips": {"differences": np.stack([A, B])},
    "spread": {"values": A},
    "t_test_p": {"a": A, "b": B},
    "true_lead": {"ours": SHARES[0], "theirs": SHARES[1], "matrix": [[0.8, 0.2], [0.1, 0.9]]},
    "two_level_bootstrap": {"a": TABLE, "b": TABLE[::-1], "draws": 100},
    "under_every_rule": {"p_values": [[0.1, 0.2]]},
    "undiluted": {"given": 0.05, "rate": 0.2, "num_classes": 10, "label_free": 0.0},
    "variance_of_examples": {"differences": TABLE},
    "wilson_interval": {"successes": 3, "n": 9, "level": 0.95},
    "winner_of": FAMILY,
    "with_examples": {"pairs": PAIRS, "of_arms": PER_EXAMPLE},
}
OF_CLAIMS = {"could_be_missed"}  # takes nothing but what other functions gave
JUNK = {
    "text": "abc",
    "an object": object(),
    "texts": ["a", "b"],
    "ragged lists": [[1, 2], [3]],
    "NaN": float("nan"),
    "a list with NaN": [0.1, float("nan"), 0.2],
    "minus 1": -1,
}
MAY_HOLD_NAN = {"is_above", "all_alike"}
ANY_NUMBER = {"given", "label_free", "d_z", "a", "b", "values", "p_values", "differences"}  # of these -1 is one


def test_every_public_function_of_numbers_is_among_the_cases():
    public = {name for name in statistics.__all__ if inspect.isfunction(getattr(statistics, name))}
    assert public - OF_CLAIMS == CASES.keys()


def is_meant(name, argument, junk):
    """Whether the value is wrong there: NaN is missing to some, and below 0 there are numbers, too."""
    return not (name in MAY_HOLD_NAN and "NaN" in junk) and not (argument in ANY_NUMBER and junk == "minus 1")


@in_turn(("name", "argument"), [(name, arg) for name, case in CASES.items() for arg in case if arg != "claims"])
def test_what_is_no_number_is_refused(name, argument):
    function, case = getattr(statistics, name), CASES[name]
    function(**case)
    for junk, value in JUNK.items():
        if is_meant(name, argument, junk):
            with pytest.raises(InputError):
                pytest.fail(f"{junk}: {function(**case | {argument: value})}")


def test_numbers_of_arms_may_be_lists_series_and_the_columns_of_a_table():
    by_seed = {arm: dict(enumerate(values)) for arm, values in ERRORS.items()}
    expected = choose(by_seed, better="lower", baseline="ce")
    for given in (ERRORS, pd.DataFrame(ERRORS), {arm: pd.Series(v) for arm, v in ERRORS.items()}):
        assert np.array_equal(pairs_of(given).values, PAIRS.values)
        assert choose(given, better="lower", baseline="ce").pair_claims == expected.pair_claims
    of_seed_7 = pd.Series([0.1, None], index=[7, 8])
    assert pairs_of({"ce": of_seed_7, "lsr": {7: 0.2, 8: 0.3}}).n.tolist() == [[1, 1], [1, 2]]


def test_an_arm_that_is_not_there_is_named_beside_those_that_are():
    for wrong in (
        lambda: against_baseline(PAIRS, "cee"),
        lambda: choose(ERRORS, better="lower", lost=["cee"]),
        lambda: choose(ERRORS, better="lower", ties=[("ce", "cee")]),
    ):
        with pytest.raises(InputError, match=r"cee.*ce, lsr, gce"):
            wrong()
    with pytest.raises(InputError, match="alpha"):
        evidence_for(PAIRS, against_baseline(PAIRS, "ce"), alpha=5)
    with pytest.raises(InputError, match=r"got nan at \[1\]"):
        spread([1.0, float("nan")])
