import json

import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.analysis.decide import decide
from lsbench.analysis.own_criterion import measure_own
from lsbench.errors import InputError
from lsbench.rows.store import logits_path, write
from tests.analysis.summary.handmade import a_row

COST = """
import numpy as np

def cost(probs, labels):
    wrong = probs.argmax(1) != labels
    return np.where(labels == 0, 10.0, 1.0) * wrong

def gain(probs, labels):
    return 20 - cost(probs, labels)

gain.better = "higher"

def brier(probs, labels):
    return ((probs - np.eye(probs.shape[1])[labels]) ** 2).sum(1)

def mean(probs, labels):
    return cost(probs, labels).mean()

def infinite(probs, labels):
    return cost(probs, labels) / 0.0

def raises(probs, labels):
    return probs[labels.max() + 99]

def sideways(probs, labels):
    return cost(probs, labels)

sideways.better = "sideways"

def of_three(a, b, c):
    return a

number = 3
"""


def network(seed, sharpness, n=200, classes=3):
    rng = np.random.default_rng(seed)
    labels = np.random.default_rng(99).integers(classes, size=n)
    return log_softmax(rng.normal(size=(n, classes)) + sharpness * np.eye(classes)[labels], axis=1), labels


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Five seeds of ce and of an lsr that predicts better, with log-probs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cost.py").write_text(COST)
    (tmp_path / "logits").mkdir()
    rows = []
    for loss, eps, sharpness in (("ce", None, 1.0), ("lsr", 0.1, 2.5)):
        for seed in range(5):
            row = a_row(loss, seed, eps=eps)
            log_probs, labels = network(seed, sharpness)
            np.savez_compressed(logits_path(row.id, tmp_path / "logits"), test=log_probs, test_labels=labels)
            write(row, tmp_path)
            rows.append(row)
    return tmp_path, rows


def plainly(seed, sharpness):
    log_probs, labels = network(seed, sharpness)
    guesses = zip(np.exp(log_probs), labels, strict=True)
    return [(10.0 if y == 0 else 1.0) * (np.argmax(p) != y) for p, y in guesses]


def test_a_cost_of_ones_own_is_decided_by_in_the_same_families(results):
    folder, rows = results
    (verdict,) = decide(rows, "./cost.py:cost", results=folder)
    ce, lsr = verdict.arms.values()
    assert lsr.by_seed("./cost.py:cost") == pytest.approx({s: np.mean(plainly(s, 2.5)) for s in range(5)})
    (claim,) = verdict.choice.baseline_claims
    gap = np.mean([np.mean(plainly(s, 2.5)) - np.mean(plainly(s, 1.0)) for s in range(5)])
    assert claim.difference.mean == pytest.approx(gap)
    assert (claim.finding, verdict.suggested, verdict.better) == ("better", lsr, "lower")
    assert (verdict.choice.on, verdict.on_test_set.on) == ("new examples", "this test set")
    assert ce.compared("./cost.py:cost")


def test_more_is_better_where_the_function_says_so(results):
    folder, rows = results
    (verdict,) = decide(rows, "./cost.py:gain", results=folder)
    assert (verdict.better, verdict.suggested.key.loss) == ("higher", "lsr")
    assert [row.metrics["./cost.py:gain"] for row in measure_own("./cost.py:gain", rows, folder).rows] == (
        pytest.approx([20 - np.mean(plainly(s, sharpness)) for sharpness in (1.0, 2.5) for s in range(5)])
    )


def test_probabilities_are_those_of_the_network(results):
    folder, rows = results
    log_probs, labels = network(3, 1.0)
    expected = [sum((np.exp(p[c]) - (c == y)) ** 2 for c in range(3)) for p, y in zip(log_probs, labels, strict=True)]
    assert measure_own("./cost.py:brier", rows, folder).values[rows[3].id] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mean", r"finite number per example, shape \(8,\), of probabilities \(8, 3\).*got \(\)"),
        ("infinite", "finite number per example.*got (nan|inf)"),
        ("raises", "raised IndexError"),
        ("sideways", "better.*lower.*higher"),
        ("of_three", r"is called as f\(probs, labels\)"),
        ("number", "must be callable"),
        ("nothing", "nothing"),
    ],
)
def test_a_function_that_does_not_give_a_number_per_example_is_refused_in_a_sentence(results, name, sentence):
    folder, rows = results
    with pytest.raises(InputError, match=sentence), np.errstate(all="ignore"):
        measure_own(f"./cost.py:{name}", rows, folder)


def test_an_arm_with_a_row_without_log_probs_is_not_compared_and_that_is_said(results, lsbench):
    folder, rows = results
    other = [a_row(loss, seed, eps=eps, rate=0) for loss, eps in (("ce", None), ("lsr", 0.1)) for seed in range(3)]
    for row in other:
        write(row, folder)
    for row in (rows[0], rows[7]):
        logits_path(row.id, folder / "logits").unlink()
    (verdict,) = decide([*rows, *other], "./cost.py:cost", results=folder, survivors=True)
    assert [arm.n for arm in verdict.arms.values()] == [5, 5]
    assert verdict.choice.baseline_claims[0].difference.n == 3
    _, _, err = lsbench("decide", ".", "--by", "./cost.py:cost", "--survivors")
    said = " ".join(err.split())
    assert "skipped 8 of 16 rows, which have no log-probs: " in said
    assert "and 5 more; keep them with `lsbench run ... --save-logits`" in said


def test_rows_without_any_log_probs_are_an_error_that_names_the_option(results):
    folder, rows = results
    for row in rows:
        logits_path(row.id, folder / "logits").unlink()
    with pytest.raises(InputError, match=r"none of 10 rows has some; .*--save-logits.*--rerun all"):
        decide(rows, "./cost.py:cost", results=folder)


def test_the_command_line_shows_it_as_any_criterion(results, lsbench):
    code, out, _ = lsbench("decide", ".", "--by", "./cost.py:cost")
    assert code == 0
    assert "by ./cost.py:cost: " in out
    assert "your own criterion, cost" in " ".join(out.split())
    (shown,) = json.loads(lsbench("decide", ".", "--by", "./cost.py:cost", "--json")[1])
    assert (shown["criterion"], shown["suggested"]) == ("./cost.py:cost", "lsr 0.1")
    assert shown["arms"][1]["mean"] == pytest.approx(np.mean([np.mean(plainly(s, 2.5)) for s in range(5)]))
    for arguments, sentence in (
        (("--by", "cost"), "unknown criterion 'cost'"),
        (("--by", "./cost.py:mean"), "finite number per example"),
        (("--by", "./cost.py:cost", "--temperature", "forward"), "--temperature is for"),
    ):
        code, _, err = lsbench("decide", ".", *arguments)
        assert (code, sentence in " ".join(err.split()), "Traceback" in err) == (2, True, False)
