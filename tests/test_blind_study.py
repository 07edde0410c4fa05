"""The study of labels that nobody vouches for (`benchmarks/blind.py`) counts what the truth reverses."""

import numpy as np
import pytest

from tests.pages import ROOT

REPORT = """### ./a/data.npz, linear

| loss | eps | accuracy % | NLL |
| ---- | --: | ---------: | --: |
| ce   | –   | **71.0 ± 1** | 1.20 |
| lsr  | 0.1 | 69.0 ± 1 | 1.10 |
"""


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import blind_claims
    import blind_truth

    return blind_claims, blind_truth


def networks(truth, answers, labels):
    """Of each arm networks of three seeds that answer so, with a confidence of .9 in two classes."""
    probs = {arm: np.where(np.eye(2, dtype=bool)[answer], 0.9, 0.1) for arm, answer in answers.items()}
    return {arm: {seed: truth.Network(np.log(p), labels) for seed in range(3)} for arm, p in probs.items()}


def test_a_claim_is_reversed_where_the_true_labels_say_the_other_way(study):
    labels = np.array([0, 1] * 50)
    wrong = np.where(np.arange(100) < 30, 1 - labels, labels)
    trained = networks(study[1], {"ce": labels, "lsr": wrong}, labels)
    for criterion in ("accuracy", "nll", "brier"):
        right, reverse = study[1].judged(
            [{"better": "ce", "worse": "lsr"}, {"better": "lsr", "worse": "ce"}], criterion, trained
        )
        assert (right["reversed"], reverse["reversed"]) == (False, True)
        assert reverse["shown_reversed"]


def test_a_claim_about_two_that_are_equal_is_reversed_but_not_shown_to_be(study):
    labels = np.array([0, 1] * 50)
    trained = networks(study[1], {"ce": labels, "lsr": labels}, labels)
    (claim,) = study[1].judged([{"better": "ce", "worse": "lsr"}], "accuracy", trained)
    assert claim["reversed"]
    assert not claim["shown_reversed"]


def test_what_is_bold_in_a_report_is_a_claim_against_every_other_line(study):
    assert study[0].bold_of(REPORT) == [{"better": "ce", "worse": "lsr 0.1", "where": "bold", "by": "accuracy"}]


def test_a_winner_is_claimed_to_be_better_than_all_others(study):
    verdict = {"claims": [], "winner": "gce", "arms": [{"name": "ce"}, {"name": "gce"}], "suggested": "gce"}
    assert study[0].claims_of(verdict) == [{"better": "gce", "worse": "ce", "where": "winner"}]
    assert study[0].recommended(verdict) == "gce"
