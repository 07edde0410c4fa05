"""A data set of 98 examples of one class to 2 of the other, from the plan to the page."""

import numpy as np
import pytest

ASK = ("--dataset", "./two.npz", "--model", "linear", "--loss", "ce,mae", "--seeds", "2", "--epochs", "1", "--out", "o")


@pytest.fixture
def two(tmp_path):
    draws = np.random.default_rng(0)
    labels = {"train": np.arange(500) % 50 == 49, "test": np.arange(250) % 50 == 49}
    images = {part: draws.integers(0, 255, (len(of), 1, 6, 6), np.uint8) for part, of in labels.items()}
    arrays = {f"x_{part}": of for part, of in images.items()}
    np.savez(tmp_path / "two.npz", **arrays, **{f"y_{part}": of.astype(int) for part, of in labels.items()})


@pytest.mark.usefixtures("figures_as_words")
def test_few_examples_are_told_before_and_after_training_and_the_majority_rate_is_no_verdict(lsbench, two):
    few = "two.npz': few test examples of class 1 (5): fewer than 30\n"
    assert few in lsbench("plan", *ASK)[2]
    code, _, err = lsbench("run", *ASK)
    assert code == 0, err
    assert few in err
    _, table, _ = lsbench("report", "o")
    assert "\nexamples: 400 trained on (" in table
    assert "100 held out, 250 in the test set (5 to 245 of a class)\n" in table
    assert "balanced accuracy %" in table
    always = "ot shown to be more accurate than always answering the majority class (0: 98.00 % of the test set): "
    assert f"\nwarning: n{always}ce, mae\n" in table
    assert f"N{always}ce, mae." in lsbench("decide", "o")[1]
    assert "by balanced-accuracy, against given labels: " in lsbench("decide", "o", "--by", "balanced-accuracy")[1]
    _, page, _ = lsbench("report", "o", "--format", "html")
    assert "examples of each class" in page
    assert f"N{always}ce, mae." in page
