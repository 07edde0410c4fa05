"""`run --from results --top 2`: one command, and study files, train the best losses of a cheaper study."""

import json
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from lsbench import compare
from lsbench.cli.options import RunOptions
from lsbench.errors import InputError
from lsbench.planning.study import read_study
from lsbench.rows import store
from lsbench.spec import Recipe, Screening

COSTLY = ("--from", "cheap", "--top", 2, "--epochs", 2, "--out", "costly")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("from") / "cheap"
    losses = ["ce", "lsr", "gce", "mae", "focal"]
    compare(data="blobs", model="linear", losses=losses, noise=0.3, seeds=3, recipe={"epochs": 1}, out=folder)
    return folder


@pytest.fixture
def cheap(trained, lsbench):
    shutil.copytree(trained, "cheap")
    return lsbench


def rows_below(folder):
    return store.read(Path(folder))[0]


def best_of(folder):
    """By the mean held-out accuracy, reckoned here."""
    by_loss = {}
    for row in rows_below(folder):
        by_loss.setdefault(row.cell.loss, []).append(row.metrics["val_accuracy"])
    return sorted(by_loss, key=lambda loss: -sum(by_loss[loss]))


@pytest.mark.usefixtures("figures_as_words")
def test_the_best_losses_of_a_cheap_study_are_trained_with_ce_by_new_seeds_and_every_answer_says_so(cheap):
    code, _, err = cheap("run", *COSTLY, "--seeds", 4, "--lr", 0.05)
    assert code == 0, err
    best = best_of("cheap")
    rows = rows_below("costly")
    assert {row.cell.loss for row in rows} == {"ce", *best[:2]}
    assert {row.cell.seed for row in rows} == {3, 4, 5, 6}
    assert {(r.cell.dataset, r.cell.model, r.cell.noise_rate, r.cell.recipe.lr) for r in rows} == {
        ("blobs", "linear", 0.3, 0.05)
    }
    assert "best 2 of 5 losses by held-out accuracy in 15 runs of cheap" in err
    assert "as there: --dataset blobs --noise 0.3" in err
    assert "seeds 3 to 6, which the choice has not seen" in err
    said = "2 of 5 losses ("
    assert said in cheap("decide", "costly")[1]
    assert said in cheap("report", "costly")[1]
    page = cheap("report", "costly", "--format", "html")[1]
    assert "chosen by held-out accuracy, 15 runs of cheap" in page
    (verdict,) = json.loads(cheap("decide", "costly", "--json")[1])
    assert verdict["counted"] == len({"ce", *best[:2]})
    assert [name.split()[0] for name, _ in verdict["chosen"][0]["held_out"]] == best
    assert "0 to train" in cheap("run", *COSTLY, "--seeds", 4, "--lr", 0.05)[2]  # the same line again


def test_a_study_file_asks_for_it_and_the_one_that_is_kept_holds_what_was_chosen(cheap):
    Path("study.toml").write_text('from = "cheap"\ntop = 2\nby = "nll"\nseeds = [0, 5]\nepochs = 1\nout = "costly"\n')
    best = cheap("plan", "study.toml", "--write", "resolved.toml")
    assert best[0] == 0, best[2]
    assert "by held-out NLL" in best[2]
    assert "the choice has seen seeds 0, so that claims count all 5 losses" in best[2]
    resolved = read_study(Path("resolved.toml"), ["screening", *RESOLVED])
    assert (resolved["seeds"], resolved["screening"]["top"], "from" in resolved) == ((0, 5), 2, False)
    code, _, err = cheap("run", "resolved.toml")
    assert (code, "best 2 of 5" in err) == (0, False), err
    (kept,) = {str(row.screening) for row in rows_below("costly")}
    assert kept == str(resolved["screening"])
    (study,) = Path("costly/studies").glob("*.toml")
    assert Screening.from_json(read_study(study, ["screening", *RESOLVED])["screening"]).chosen
    typed = cheap("run", "resolved.toml", "--loss", "ce,mae", "--out", "typed")
    assert typed[0] == 0, typed[2]
    assert [row.screening for row in rows_below("typed")] == [{}] * 4  # what is typed was not chosen


RESOLVED = (
    *("dataset", "model", "loss", "eps", "noise_kind", "noise", "seeds", "val", "out"),
    *(field.name for field in fields(Recipe)),
)


def test_what_does_not_go_together_is_refused_in_a_sentence_before_anything_is_trained(cheap):
    refused = {
        ("--from", "nowhere"): "no runs are there; train a cheap study first",
        ("--top", 1): "--top and --by belong to --from",
        ("--from", "cheap", "--loss", "ce,gce"): "--from chooses the losses and their values: leave out --loss",
        ("--from", "cheap", "--eps", 0.1): "leave out --eps",
        ("--from", "cheap", "--top", 5): "has 5 losses to choose from, so nothing is chosen; give --top 4 or fewer",
        ("--from", "cheap", "--top", 0): "--top must be a whole number",
        ("--from", "cheap", "--by", "selective"): "--from picks on held-out labels, which have no selective; take --by",
        ("--from", "cheap", "--tune", "eps"): "--tune eps has no effect: tune it in that study",
        ("--from", "cheap", "--smoke"): "--smoke trains every loss, and --from chooses some",
        ("--from", "cheap", "--out", "cheap"): "cheap has this model and recipe already",
        ("--from", "cheap", "--adaptive", "--seeds", "0:9:1", "--out", "b"): "has seen some of these seeds",
        ("--from", "cheap", "--adaptive", "--dataset", "mnist", "--out", "b"): "were chosen on other data (blobs)",
    }
    for options, reason in refused.items():
        code, out, err = cheap("run", *options)
        assert (code, out, reason in err) == (2, "", True), (options, err)
    assert not Path("results").exists()


def test_what_a_cheap_study_tuned_counts_by_the_best_value_of_each_loss_and_the_new_one_may_tune_again(lsbench):
    small = ("--dataset", "blobs", "--model", "linear", "--epochs", 1, "--tune", "lr", "--seeds", 2)
    assert lsbench("run", *small, "--loss", "ce,gce,mae", "--out", "cheap")[0] == 0
    again = ("--from", "cheap", "--top", 2, "--model", "linear", "--batch-size", 128, "--tune", "lr", "--out", "costly")
    code, _, err = lsbench("run", *again, "--seeds", 2)
    assert code == 0, err
    assert "of 3 losses by held-out accuracy in 18 runs of cheap" in err
    picked = lsbench("decide", "costly", "--select", "lr")
    assert picked[0] == 0, picked[2]
    assert "of 3 losses (" in picked[1]


def test_compare_takes_the_best_losses_of_an_earlier_comparison_and_says_how(trained, tmp_path, capsys):
    table = compare(from_results=trained, top=1, by="nll", model="linear", recipe={"epochs": 1, "lr": 0.1}, seeds=2)
    assert "best 1 of 5 losses by held-out NLL in 15 runs of" in capsys.readouterr().err
    assert table["loss"].tolist() == ["ce", table.attrs["chosen"]["chosen"][0].split()[0]]
    assert sorted(table.attrs["cells"]["seed"].unique()) == [3, 4]
    assert set(table["noise_rate"]) == {0.3}
    for arguments in ({"losses": "ce"}, {"eps": 0.1}, {"tune": "eps"}, {"top": 0}, {"by": "selective"}, {"top": 9}):
        with pytest.raises(InputError):
            compare(from_results=trained, **arguments)


def test_of_a_study_file_a_typed_loss_replaces_the_choice_and_a_typed_choice_the_losses_and_nothing_else(tmp_path):
    asked, chosen = tmp_path / "asked.toml", tmp_path / "chosen.toml"
    asked.write_text('loss = ["ce", "lsr"]\neps = [0.1]\n')
    chosen.write_text('from = "cheap"\ntop = 1\n')
    kept = RunOptions(study=asked, eps=["0.2"]).with_study
    assert (kept.loss, kept.eps) == (("ce", "lsr"), ["0.2"])
    typed = RunOptions(study=asked, from_=Path("cheap")).with_study
    assert (typed.loss, typed.eps, typed.from_) == (None, None, Path("cheap"))
    by_hand = RunOptions(study=chosen, loss=["gce"]).with_study
    assert (by_hand.loss, by_hand.from_, by_hand.top) == (["gce"], None, None)
    other = RunOptions(study=chosen, from_=Path("other")).with_study
    assert (other.from_, other.top) == (Path("other"), None)
