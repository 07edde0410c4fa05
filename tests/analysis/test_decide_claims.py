"""Every claim in a verdict's JSON, against the rows that it was made from."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.report.decision import as_json, evidence, paragraph
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.store import write
from tests.analysis.summary.handmade import a_row, rows_of


def claims_of(verdict):
    return {(c["family"], c["arm"], c["other"]): c for c in as_json(verdict)["claims"]}


MANY = ["ce", "gce", "mae", "sce", "rce", "nce", "focal", "poly1", "mbls", "elr", "nce-rce", "nce-mae", "logit-norm"]


@pytest.mark.parametrize("seeds", [1, 3, 6])
def test_every_claim_holds_by_the_rows_and_every_sentence_by_the_claims(seeds):
    """Unequal seeds, diverged cells, differences of rounding, many arms, one number that is missing."""
    rng = np.random.default_rng(seeds)
    rows = [a_row(loss, s, 0.8 + 0.01 * rng.normal() + 0.02 * (loss == "gce")) for loss in MANY for s in range(seeds)]
    rows += [a_row("lsr", s, 0.9 + s / 1000, eps=0.1) for s in range(2 * seeds)]
    rows += [a_row("fused", s, 0.9 + s / 1000 + 1e-9, eps=0.1) for s in range(2 * seeds)]
    rows += [replace(a_row("backward", s), status="diverged", metrics={}) for s in range(seeds)]
    (verdict,) = decide(rows)
    numbers = {arm.name: arm.by_seed("accuracy") for arm in verdict.arms.values()}
    for claim in as_json(verdict)["claims"]:
        ours, theirs = numbers[claim["arm"]], numbers[claim["other"]]
        gaps = [ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())]
        if "backward matrix=known" in (claim["arm"], claim["other"]):
            assert (claim["finding"], claim["difference"]) == (None, None)
            continue
        assert claim["difference"]["mean"] == pytest.approx(np.mean(gaps))
        assert claim["difference"]["n"] == len(gaps)
        if claim["finding"] in ("better", "worse"):
            assert claim["p_holm"] <= 0.05
            assert (claim["difference"]["mean"] > 0) == (claim["finding"] == "better")
    text, said = paragraph(verdict), evidence(verdict)
    assert verdict.choice.winner is None
    assert "backward" in text
    assert "fused" not in text
    for finding in ("better", "worse"):
        named = {c["arm"] for c in as_json(verdict)["claims"] if c["family"] == "baseline" and c["finding"] == finding}
        assert bool(named) == (f"{finding}: " in said.split("Shown to be worse")[0])
    best = set(as_json(verdict)["may_be_best"])
    assert verdict.suggested.name in best
    assert seeds > 1 or best == {arm.name for arm in verdict.compared}


def test_json_says_to_whom_every_claim_is_about():
    accuracies = {"ce": [0.90, 0.91, 0.92, 0.93], "sce": [0.80, 0.812, 0.82, 0.835], "gce": [0.5, 0.52, 0.51, 0.53]}
    (verdict,) = decide([row for loss, values in accuracies.items() for row in rows_of(loss, values)])
    claims = claims_of(verdict)
    assert set(claims) == {
        ("baseline", "sce", "ce"),
        ("baseline", "gce", "ce"),
        ("pairs", "ce", "sce"),
        ("pairs", "ce", "gce"),
        ("pairs", "gce", "sce"),
    }
    assert claims["baseline", "gce", "ce"]["finding"] == "worse"
    assert claims["pairs", "ce", "gce"]["finding"] == "better"


def test_a_verdict_says_of_an_oracle_that_nobody_has_what_it_was_given():
    rows = [a_row("ce", i, 0.8 + i / 997) for i in range(4)] + [
        a_row("forward", i, 0.9 + i * i / 997) for i in range(4)
    ]
    noisy = decide([replace(row, cell=replace(row.cell, noise="symmetric", noise_rate=0.2)) for row in rows])
    assert "It was given the true noise, which nobody has of labels of their own" in paragraph(noisy[0])
    assert "Oracle, given the true noise matrix: forward matrix=known." in evidence(noisy[0])
    assert ["oracle" in arm for arm in as_json(noisy[0])["arms"]] == [False, True]


def test_every_number_of_what_would_change_it_holds_by_what_each_example_got(tmp_path):
    """Four arms on three classes, own data: each pair against plain counting over the files' answers."""
    rng, rows, answers = np.random.default_rng(1), [], {}
    truth = rng.integers(3, size=900)
    given = np.where(rng.random(900) < 0.2, rng.integers(3, size=900), truth)
    for loss, skill in (("ce", 0.6), ("gce", 0.75), ("sce", 0.5), ("mae", 0.62)):
        answers[loss] = np.where(rng.random((4, 900)) < skill, truth, rng.integers(3, size=(4, 900)))
        for seed, answer in enumerate(answers[loss]):
            row = a_row(loss, seed, float((answer == given).mean()), rate=0, parts={"noise_record": {}})
            kept = ExamplePredictions(given, answer, np.full(900, -1.0), np.full(900, 0.5))
            row = replace(row, cell=replace(row.cell, dataset="./photos"), examples=pack_examples(kept))
            write(row, tmp_path)
            rows.append(row)
    (verdict,) = decide(rows, results=tmp_path)
    told = as_json(verdict)
    claims = {frozenset((c["arm"], c["other"])): c for c in told["claims"] if c["family"] == "baseline"}
    pairs = told["would_change"]["pairs"]
    assert {frozenset((p["leads"], p["other"])) for p in pairs} >= {
        pair for pair, claim in claims.items() if claim["finding"] in ("better", "worse")
    }
    assert told["suggested"] in (pairs[0]["leads"], pairs[0]["other"])
    assert {arm["name"] for arm in told["arms"]} - set(told["may_be_best"]) <= {p["other"] for p in pairs}
    assert "other pairs are in the table" in told["would_change"]["text"]
    for pair in pairs:
        ours, theirs = answers[pair["leads"]], answers[pair["other"]]
        lead = (ours == given).mean() - (theirs == given).mean()
        assert pair["lead"] == pytest.approx(lead)
        assert lead > 0
        assert pair["symmetric"]["lead"] == pytest.approx(lead / (1 - 0.2 * 3 / 2))
        wrong = pair["wrong_labels"]
        differ = [i for i in range(900) if sorted(ours[:, i]) != sorted(theirs[:, i])]
        assert (wrong["differ"], wrong["test"]) == (len(differ), 900)
        gain = [(ours[:, i] == given[i]).sum() - (theirs[:, i] == given[i]).sum() for i in range(900)]
        if_true = np.array([(ours == c).sum(0) - (theirs == c).sum(0) for c in range(3)])
        lost = sorted(np.array(gain) - if_true.min(0), reverse=True)
        assert sum(lost[: wrong["fewest"]]) > sum(gain) >= sum(lost[: wrong["fewest"] - 1])
        if pair["by_class"]:
            inverse = np.linalg.inv(pair["by_class"]["matrix"])
            first, second = (
                [[((a == j) & (given == k)).mean() for k in range(3)] for j in range(3)] for a in (ours, theirs)
            )
            gap = np.array(first) - np.array(second)
            assert np.trace(gap @ inverse) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("tolerance", [0.0, 0.02])
def test_equal_accuracies_of_networks_that_differ_are_not_shown_to_be_equal(tolerance):
    """Of 30 test examples three seeds are often equal; runs that are one in all numbers are equal."""
    seeds = range(3)
    rows = [a_row(loss, s, 28 / 30, nll=0.2 + s / 10) for loss in ("ce", "mbls") for s in seeds]
    rows += [a_row("gce", s, 28 / 30, nll=0.3 + s / 20) for s in seeds]
    (verdict,) = decide(rows, tolerance=tolerance)
    findings = {claim.arm.loss: (claim.finding, claim.difference.low) for claim in verdict.choice.baseline_claims}
    assert findings == {"mbls": ("equivalent", 0), "gce": ("undecided", None)}
    assert "undecided: gce (the same at every seed, though the networks differ)" in evidence(verdict)
    assert len(verdict.choice.may_be_best) == 3
    alone = next(c for c in as_json(verdict)["claims"] if c["family"] == "baseline" and "gce" in c["arm"])
    assert (alone["finding"], alone["difference"]["low"]) == ("undecided", None)
