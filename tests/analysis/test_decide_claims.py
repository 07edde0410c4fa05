"""Every claim in a verdict's JSON, against the rows that it was made from."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.report.decision import as_json, evidence, paragraph
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
            assert (claim["finding"], claim["difference"]) == ("undecided", None)
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
