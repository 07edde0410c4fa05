from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.errors import InputError
from lsbench.rows.predictions import LOWEST, HeldOutPredictions, pack_predictions, read_predictions


def some(held_out=6, test=9, classes=4):
    rng = np.random.default_rng(0)
    log_probs = [log_softmax(3 * rng.normal(size=(n, classes)), axis=1) for n in (held_out, test)]
    return HeldOutPredictions(np.arange(held_out) * 3, np.arange(held_out) % classes, *log_probs)


def test_what_is_kept_is_what_was_predicted_to_11_bits(tmp_path):
    path, predictions = tmp_path / "x.npz", some()
    path.write_bytes(pack_predictions(predictions))
    read = read_predictions(path)
    assert (read.held_out == predictions.held_out).all()
    assert (read.held_out_given == predictions.held_out_given).all()
    assert read.held_out_log_probs == pytest.approx(predictions.held_out_log_probs, rel=2**-11, abs=1e-7)
    assert read.test_log_probs == pytest.approx(predictions.test_log_probs, rel=2**-11, abs=1e-7)


def test_units_are_kept_where_there_are_some(tmp_path):
    path = tmp_path / "x.npz"
    for units in (None, np.array([0, 0, 2, 3, 3, 5])):
        path.write_bytes(pack_predictions(replace(some(), held_out_units=units)))
        read = read_predictions(path).held_out_units
        assert (read is None) if units is None else (read == units).all()


def test_a_probability_of_0_and_an_empty_held_out_part_are_kept(tmp_path):
    path, log_probs = tmp_path / "x.npz", np.array([[-np.inf, 0.0]])
    path.write_bytes(pack_predictions(HeldOutPredictions(*np.zeros((2, 0), int), log_probs[:0], log_probs)))
    read = read_predictions(path)
    assert read.test_log_probs.tolist() == [[LOWEST, 0.0]]
    assert read.held_out_log_probs.shape == (0, 2)


def test_a_missing_file_is_none_and_another_one_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    assert read_predictions(path) is None
    whole = {name: array for name, array in vars(some()).items() if array is not None}
    faults = (
        {"held_out": np.arange(2)},
        {"held_out_given": np.full(6, 4)},
        {"held_out_units": np.arange(5)},
        {"test_log_probs": np.ones((9, 4))},
    )
    for content in (b"", b"no zip", pack_predictions(some())[:-40], *faults):
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            np.savez(path, **{**whole, **content})
        with pytest.raises(InputError, match="not the predictions that `run` writes"):
            read_predictions(path)
