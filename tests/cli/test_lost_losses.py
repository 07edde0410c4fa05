"""A folder as a run leaves it, with all files beside its rows, in which two losses lost seeds."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lsbench.rows import store

LOSSES = """
from torch.nn.functional import log_softmax


def steep(logits, labels, *, factor=1e20):
    return -factor * log_softmax(logits, -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)
"""
COST = "def cost(probs, labels):\n    return 1 - probs[range(len(labels)), labels]\n"
RUN = ("--dataset", "./mine.npz", "--model", "linear", "--loss", "ce,lsr,gce,mae,prune,./own.py:steep", "--epochs", "2")


@pytest.fixture
def folder(lsbench, tmp_path):
    """`./own.py:steep` diverges at all of 3 seeds, mae at one."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    images = rng.normal(size=(90, 1, 2, 2)) + labels.reshape(-1, 1, 1, 1)
    np.savez(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images[:30] + 0.1, y_test=labels[:30])
    (tmp_path / "own.py").write_text(LOSSES)
    (tmp_path / "cost.py").write_text(COST)
    code, _, err = lsbench("run", *RUN, "--seeds", "3", "--lr", "1")
    assert code == 3, err
    rows, _ = store.read(tmp_path / "results")
    steep = [row for row in rows if row.cell.loss == "./own.py:steep"]
    assert [row.status for row in steep] == ["diverged"] * 3, steep[0].error
    one = next(row for row in rows if row.cell.loss == "mae")
    store.write(replace(one, status="diverged", error="the loss was not finite", metrics={}), tmp_path / "results")
    return tmp_path / "results"


COMMANDS = {
    "decide": (),
    "decide trusted": ("--trust", "test"),
    "decide by what can't be claimed": ("--by", "ece"),
    "decide by my own": ("--by", "./cost.py:cost", "--trust", "test"),
    "decide by survivors": ("--survivors",),
    "report": (),
    "report all": ("--tables", "all"),
    "report csv": ("--format", "csv", "--wide"),
    "report json": ("--format", "json"),
    "report latex": ("--format", "latex"),
    "report page": ("--format", "html"),
}


@pytest.mark.usefixtures("figures_as_words")
def test_every_command_names_what_was_lost_and_none_ends_in_a_traceback(lsbench, folder):
    for name, options in COMMANDS.items():
        code, out, err = lsbench(name.split()[0], *options)
        assert code == 0, (name, err)
        if not {"csv", "json"} & {*options}:
            assert "lost 3 of 3" in out, name
            assert "lost 1 of 3" in out or "--survivors" in options, name


def test_no_claim_is_made_about_what_was_lost(lsbench, folder):
    code, out, _ = lsbench("decide", "--json")
    (verdict,) = json.loads(out)
    lost = {arm["name"]: (arm["lost"], arm["n"], arm["compared"]) for arm in verdict["arms"] if arm["lost"]}
    assert (code, lost) == (0, {"mae": (1, 2, False), "./own.py:steep factor=1e+20": (3, 0, False)})
    claims = [claim for claim in verdict["claims"] if {claim["arm"], claim["other"]} & lost.keys()]
    assert {(claim["finding"], claim["p_holm"]) for claim in claims} == {(None, None)}
