"""A user's own data: folds by default, what is said of them, and the predictions that are kept."""

import json

import numpy as np
import pytest

from lsbench import compare
from lsbench.analysis.per_example import examples_of
from lsbench.analysis.summary.arms import arms_of
from lsbench.rows import store
from lsbench.rows.predictions import read_predictions

N = 60
ASK = ("--dataset", "./mine.npz", "--model", "linear", "--loss", "ce,mae", "--epochs", "1")


@pytest.fixture
def mine(tmp_path):
    save(tmp_path / "mine.npz")
    return tmp_path / "results"


def save(path, classes=2, **more):
    images, test = np.split(np.random.default_rng(0).integers(0, 255, (N + 8, 1, 6, 6), np.uint8), [N])
    labels = np.arange(N) % 2
    labels[0] = classes - 1
    np.savez(path, x_train=images, y_train=labels, x_test=test, y_test=labels[1:9], **more)


def test_5_seeds_predict_every_training_example_once(lsbench, mine):
    _, out, err = lsbench("plan", *ASK)
    assert out.startswith("10 cells: 0 done, 0 failed, 10 to do in 1 stack\n")
    assert "of log-probs of held-out and test examples (--no-per-example keeps none)" in out
    assert "never held out" not in err
    stated = json.loads(lsbench("plan", *ASK, "--json")[1])["predictions_bytes"]
    code, _, err = lsbench("run", *ASK)
    assert (code, "never held out" in err) == (0, False)
    rows, _ = store.read(mine)
    files = [store.predictions_path(row.id, mine) for row in rows]
    assert 0.3 * stated < sum(path.stat().st_size for path in files) <= stated
    for loss in ("ce", "mae"):
        kept = [read_predictions(p) for p, row in zip(files, rows, strict=True) if row.cell.loss == loss]
        assert sorted(np.concatenate([one.held_out for one in kept]).tolist()) == list(range(N))
    assert "5 folds" in lsbench("report")[1].splitlines()[0]
    assert (lsbench("run", *ASK)[2].count("10 of 10 cells are in results already")) == 1


@pytest.mark.usefixtures("figures_as_words")
def test_an_unfinished_round_says_how_many_examples_are_never_held_out(lsbench, mine):
    sentence = "24 of 60 training examples are never held out; train seeds 3, 4, too, to hold out each once"
    assert sentence in lsbench("plan", *ASK, "--seeds", "3")[2]
    assert sentence in lsbench("run", *ASK, "--seeds", "3")[2]
    assert f"\n{sentence}\n" in lsbench("report")[1]
    assert sentence in lsbench("report", "--format", "html")[1]
    about = "about 38 of 60 training examples are never held out; train seeds 0, 1, 2, 4, too, to hold out each once"
    assert about in lsbench("plan", *ASK, "--seeds", "3,7")[2]


def test_adaptive_seeds_and_a_row_trained_again_have_folds(lsbench, mine):
    code, _, err = lsbench("run", *ASK, "--seeds", "5", "--adaptive")
    assert code == 0, err
    rows, _ = store.read(mine)
    assert {row.cell.folds for row in rows} == {5}
    assert lsbench("rerun", rows[0].id, "--verify")[1] == f"{rows[0].id}: equal, bit for bit\n"


def test_rows_of_a_version_without_folds_are_named_and_continued(lsbench, mine):
    lsbench("run", *ASK, "--val", "0.1", "--seeds", "2")
    named = "results has 4 of these 6 cells with 10 % held out, as version 0.2.0 held them out"
    assert named in lsbench("run", *ASK, "--seeds", "3")[2]
    assert "4 of 6 cells are in results already" in lsbench("run", *ASK, "--seeds", "3", "--val", "0.1")[2]


def test_its_own_validation_examples_are_said_to_take_the_place_of_folds(lsbench, mine):
    save("mine.npz", x_val=np.zeros((6, 6, 6), np.uint8), y_val=np.arange(6) % 2)
    said = "data set './mine.npz': its own 6 validation examples are held out by every seed, so there are no folds"
    assert said in lsbench("plan", *ASK)[2]
    assert "no folds" not in lsbench("plan", *ASK, "--val", "0.1")[2]


def test_a_class_of_one_example_is_warned_of(lsbench, mine):
    save("mine.npz", classes=3)
    assert "class 2 lies in one fold; the seed that holds it out trains on none of it" in lsbench("plan", *ASK)[2]


def test_val_and_folds_together_are_bad_input_and_what_is_typed_beats_a_study(lsbench, mine):
    code, _, err = lsbench("run", *ASK, "--val", "0.1", "--folds", "5")
    assert (code, "leave out one" in err) == (2, True)
    assert lsbench("run", *ASK, "--folds", "1")[0] == 2
    lsbench("plan", *ASK, "--write", "study.toml")
    lsbench("plan", "study.toml", "--val", "0.2", "--write", "other.toml")
    assert "val = 0.2" in (mine.parent / "other.toml").read_text()
    assert "folds" not in (mine.parent / "other.toml").read_text()


def test_groups_stay_together_and_the_verdict_is_over_groups_of_test_examples(lsbench, mine):
    who = np.concatenate([np.arange(N) % 12, 20 + np.arange(8) // 2])
    np.save("who.npy", who)
    code, _, err = lsbench("run", *ASK, "--groups", "who.npy")
    assert code == 0, err
    assert "12 groups of training examples, of which each stays in one fold; 4 groups of test examples:" in err
    rows, _ = store.read(mine)
    held_out = [read_predictions(store.predictions_path(row.id, mine)).held_out for row in rows]
    assert all(len(set(who[part]) & set(who[np.setdiff1d(np.arange(N), part)])) == 0 for part in held_out)
    arm = arms_of(rows)[0]
    assert {seed: len(values) for seed, values in examples_of(arm, "nll", mine).items()} == dict.fromkeys(range(5), 4)
    assert lsbench("rerun", rows[0].id, "--verify")[1] == f"{rows[0].id}: equal, bit for bit\n"
    np.save("who.npy", np.arange(N) % 9)
    code, _, err = lsbench("rerun", rows[0].id, "--verify")
    assert (code, "the row was trained with other groups of ./mine.npz:groups=who.npy" in err) == (2, True)
    assert lsbench("run", *ASK, "--groups", "nowhere.npy")[0] == 2
    assert lsbench("run", "--groups", "who.npy", "--dataset", "blobs")[0] == 2


def test_compare_has_folds_and_groups_and_says_what_is_never_held_out(lsbench, mine, capsys):
    np.save("who.npy", np.arange(N) % 12)
    asked = {"data": "./mine.npz", "model": "linear", "losses": ["ce"], "recipe": {"epochs": 1}, "out": mine}
    compare(**asked, seeds=2)
    assert "36 of 60 training examples are never held out" in capsys.readouterr().err
    compare(**asked, seeds=1, folds=4, groups="who.npy")
    rows, _ = store.read(mine)
    assert sorted((row.cell.dataset, row.cell.folds) for row in rows) == [
        ("./mine.npz", 5),
        ("./mine.npz", 5),
        ("./mine.npz:groups=who.npy", 4),
    ]
    assert all(store.predictions_path(row.id, mine).exists() for row in rows)
