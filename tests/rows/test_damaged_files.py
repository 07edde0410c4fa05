"""A file that was damaged on a disk is read as what it was, or refused in one sentence: never another error."""

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.rows.examples import ExamplePredictions, pack_examples, read_examples
from lsbench.rows.log_probs import read_log_probs, read_logits
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions, read_predictions
from lsbench.rows.store import examples_path, predictions_path

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(40, 3))
LOG_PROBS = LOGITS - np.log(np.exp(LOGITS).sum(1, keepdims=True))
LABELS = RNG.integers(3, size=40)
EXAMPLES = ExamplePredictions(LABELS, LOG_PROBS.argmax(1), LOG_PROBS[np.arange(40), LABELS], np.exp(LOG_PROBS).max(1))
PREDICTIONS = HeldOutPredictions(np.arange(40), LABELS, LOG_PROBS, LOG_PROBS)


def save_logits(path):
    np.savez_compressed(path, test=LOG_PROBS.astype(np.float32), test_labels=LABELS)


FILES = {
    "examples": (lambda path: path.write_bytes(pack_examples(EXAMPLES)), read_examples),
    "predictions": (lambda path: path.write_bytes(pack_predictions(PREDICTIONS)), read_predictions),
    "logits": (save_logits, read_logits),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_read_or_refused(kind, tmp_path):
    write, read = FILES[kind]
    path = tmp_path / "x.npz"
    write(path)
    assert read(path) is not None
    whole, refused = path.read_bytes(), 0
    cut = [whole[:end] for end in range(0, len(whole), 97)]
    for content in (*cut, *(flipped(whole, place) for place in range(0, len(whole), 3))):
        path.write_bytes(content)
        try:
            read(path)
        except InputError:
            refused += 1
    assert refused > len(cut)


def flipped(content, place):
    """The same with all bits of one byte turned."""
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


def test_log_probs_are_those_of_save_logits_or_else_those_that_are_kept_of_own_data(tmp_path):
    assert read_log_probs("ab12", tmp_path) is None
    for path, content in (
        (predictions_path("ab12", tmp_path), pack_predictions(PREDICTIONS)),
        (examples_path("ab12", tmp_path), pack_examples(EXAMPLES)),
    ):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    rough = read_log_probs("ab12", tmp_path)
    assert np.array_equal(rough.labels, LABELS)
    assert rough.log_probs == pytest.approx(LOG_PROBS, rel=1e-3)
    (tmp_path / "logits").mkdir()
    save_logits(tmp_path / "logits" / "ab12.npz")
    fine = read_log_probs("ab12", tmp_path)
    assert fine.log_probs == pytest.approx(LOG_PROBS, rel=1e-6)
    assert fine.tolerance < rough.tolerance
