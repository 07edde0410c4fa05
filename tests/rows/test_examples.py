import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.errors import InputError
from lsbench.rows.examples import ExamplePredictions, pack_examples, read_examples


def predictions(n=10_000, classes=10, seed=0):
    rng = np.random.default_rng(seed)
    log_probs = log_softmax(3 * rng.normal(size=(n, classes)), axis=1)
    labels = np.where(rng.random(n) < 0.8, log_probs.argmax(1), rng.integers(classes, size=n))
    return ExamplePredictions(labels, log_probs.argmax(1), log_probs[np.arange(n), labels], np.exp(log_probs.max(1)))


def kept(tmp_path, examples):
    path = tmp_path / "ab12.npz"
    path.write_bytes(pack_examples(examples))
    return read_examples(path)


def test_what_is_kept_is_what_was_predicted_to_16_bits(tmp_path):
    examples = predictions()
    read = kept(tmp_path, examples)
    assert (read.labels == examples.labels).all()
    assert (read.predicted == examples.predicted).all()
    assert read.log_prob == pytest.approx(examples.log_prob, rel=2**-11, abs=1e-7)
    assert read.confidence == pytest.approx(examples.confidence, abs=0.5 / 65_535)
    assert read.values("nll").mean() == pytest.approx(-examples.log_prob.mean(), rel=1e-4)
    right = (examples.predicted == examples.labels).astype(float)
    assert (read.values("accuracy") == right).all()
    assert (read.values("error_rate") == 1 - right).all()


def test_ten_thousand_examples_take_at_most_50_kb():
    assert len(pack_examples(predictions())) <= 50_000


def test_more_than_256_classes_are_kept(tmp_path):
    examples = predictions(n=500, classes=1000)
    assert (kept(tmp_path, examples).labels == examples.labels).all()


def test_a_probability_of_0_is_kept(tmp_path):
    examples = ExamplePredictions(np.array([0]), np.array([1]), np.array([-np.inf]), np.array([1.0]))
    assert kept(tmp_path, examples).values("nll").tolist() == [np.inf]


def test_a_missing_file_is_none_and_another_one_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    assert read_examples(path) is None
    for content in (b"", b"no zip", pack_examples(predictions(n=5))[:-40]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not the predictions per test example"):
            read_examples(path)
    np.savez(path, labels=[0, 1], predicted=[0], log_prob=[0.0], confidence=[1])
    with pytest.raises(InputError, match="shapes"):
        read_examples(path)
    np.savez(path, labels=np.array([None]), predicted=[0], log_prob=[0.0], confidence=[1])
    with pytest.raises(InputError, match="objects"):
        read_examples(path)


def test_a_metric_that_is_no_mean_over_what_is_kept_is_refused():
    with pytest.raises(InputError, match="accuracy, error_rate, nll"):
        predictions(n=3).values("ece")
