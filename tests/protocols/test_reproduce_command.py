"""`lsbench reproduce` as a user meets it, over a toy protocol."""

import json

import pytest

from lsbench.protocols import names

TOY = """
name = "toy"
title = "a toy"
margin = 20.0
margin_reason = "it is a toy"
deviations = ["it was never published"]
source = { authors = "Nobody", year = 2000, venue = "nowhere" }

[[study]]
name = "plain"
dataset = "blobs"
model = "linear"
loss = ["ce", "lsr"]
eps = 0.1
noise = [0.0, 0.4]
seeds = 3
epochs = 2
train_size = 200

[[study]]
name = "other"
dataset = "blobs"
model = "linear"
loss = "mae"
seeds = [4]
epochs = 2
train_size = 200

[[published]]
study = "plain"
loss = "ce"
noise = 0.0
value = VALUE
sd = 1.0
runs = 3
provenance = "read"

[[published]]
study = "plain"
loss = "lsr"
noise = 0.4
value = 5.0
sd = 1.0
runs = 3
margin = 5.0
provenance = "recalled"

[[published]]
study = "plain"
loss = "ce"
noise = 0.0
rule = "best-test"
value = 99.0
provenance = "read"
"""
NAME = "./toy.toml"
JOBS = ("--jobs", "1")


@pytest.fixture
def toy(lsbench, tmp_path):
    """The command line in a folder with the toy protocol; the accuracy that it publishes can be set."""

    def run(*arguments, value=50.0):
        (tmp_path / NAME).write_text(TOY.replace("VALUE", str(value)))
        return lsbench("reproduce", *arguments, *JOBS * ("--jobs" not in arguments))

    return run


def found_in(out):
    shown = json.loads(out)
    return {(one["published"]["loss"], one["published"]["rule"]): one for one in shown["found"]}


def test_a_protocol_is_trained_compared_and_kept(toy, tmp_path):
    code, out, err = toy(NAME, "--json")
    assert code == 0
    assert "13 of 13 cells ok" in err
    first = found_in(out)["ce", "last"]
    assert first["ours"]["n"] == 3
    assert len(list((tmp_path / "results/reproductions/cells").rglob("*.json"))) == 2 * 2 * 3 + 1
    mean = first["ours"]["mean"]
    code, out, err = toy(NAME, "--json", value=mean)
    assert "12 of 12 cells are in" in err
    again = found_in(out)
    assert again["ce", "last"]["equivalence"]["difference"]["mean"] == pytest.approx(0)
    assert again["ce", "last"]["verdict"] == "reproduced"
    assert again["lsr", "last"]["verdict"] == "not reproduced"
    code, out, _ = toy(NAME, value=mean)
    assert code == 0
    assert "differs: it was never published" in out
    assert "margin 20: it is a toy" in out
    assert "[recalled]" in out
    assert "DISHONEST" in out
    assert [line.split()[0] for line in out.splitlines()[4:7]] == ["ce", "lsr", "ce"]


def test_a_part_of_it_is_trained_alone(toy, tmp_path):
    code, out, _ = toy(NAME, "--only", "lsr", "--noise", "0.4", "--seeds", "2", "--json")
    assert code == 0
    assert list(found_in(out)) == [("lsr", "last")]
    assert found_in(out)["lsr", "last"]["ours"]["n"] == 2
    assert len(list((tmp_path / "results/reproductions/cells").rglob("*.json"))) == 2
    arguments = (NAME, "--only", "ce", "--noise", "0", "--seeds", "1", "--json")
    mean = found_in(toy(*arguments)[1])["ce", "last"]["ours"]["mean"]
    near = found_in(toy(*arguments, value=mean)[1])["ce", "last"]
    assert (near["verdict"], near["ours"]["mean"]) == ("inconclusive", mean)  # of one seed
    code, out, _ = toy(NAME, "--only", "mae", "--out", "mine", "--json")
    assert (code, found_in(out)) == (0, {})
    assert len(list((tmp_path / "mine/cells").rglob("*.json"))) == 1


def test_a_scaled_run_says_so_loudly_and_decides_nothing(toy):
    code, out, err = toy(NAME, "--only", "ce", "--noise", "0", "--scale", "0.5")
    assert code == 0
    assert "NOT COMPARABLE with what is published: a scaled run, of 1 epochs instead of 2" in err
    assert "NOT COMPARABLE: a scaled run" in out
    assert "  scaled  " in out
    _, out, err = toy(NAME, "--only", "ce", "--noise", "0", "--epochs", "1", "--json")
    assert "3 of 3 cells are in" in err
    assert {one["verdict"] for one in json.loads(out)["found"]} == {"scaled"}
    _, _, err = toy(NAME, "--only", "ce", "--noise", "0", "--epochs", "2", "--dry-run")
    assert "NOT COMPARABLE" not in err


def test_another_data_set_decides_nothing_either(toy):
    code, out, _ = toy(NAME, "--only", "ce", "--noise", "0", "--dataset", "mnist", "--seeds", "3,", "--scale", "0.5")
    assert code == 0
    assert "  scaled, other data  " in out


def test_a_dry_run_trains_nothing(toy, tmp_path):
    code, out, _ = toy(NAME, "--dry-run")
    assert code == 0
    assert "12 cells: 0 done" in out
    assert "1 cell: 0 done" in out
    assert not (tmp_path / "results").exists()


def test_the_list_names_every_protocol_with_its_cells_and_provenance(toy, tmp_path):
    code, out, _ = toy("--list")
    assert code == 0
    assert all(name in out for name in names())
    assert "recalled" in out
    _, out, _ = toy("--list", "--json")
    known = {one["name"]: one for one in json.loads(out)}
    assert known["apl-cifar10"]["cells"] == 90
    assert known["apl-cifar10"]["published"] == 30
    assert known["pereyra-mnist"]["cells"] == 15
    assert known["cifar10n-worst"]["cells"] == 15
    assert known["tutorial-mnist"]["cells"] == 10
    assert known["fine-tune-folder"]["provenance"] == "–"
    assert [path.name for path in tmp_path.iterdir()] == ["toy.toml"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "which protocol? known: apl-cifar10"),
        (("apl-cifar",), "unknown protocol 'apl-cifar'; did you mean apl-cifar10"),
        (("./none.toml",), "protocol ./none.toml: No such file or directory"),
        ((NAME, "--only", "gce"), "--only gce: this protocol trains ce, lsr, mae"),
        ((NAME, "--only", ","), "--only is empty"),
        ((NAME, "--noise", "0.2"), "--noise 0.2: this part of the protocol has the rates 0, 0.4"),
        ((NAME, "--only", "mae", "--noise", "0.4"), "--noise 0.4: this part of the protocol has the rates 0"),
        ((NAME, "--noise", "x"), "--noise takes finite numbers"),
        ((NAME, "--scale", "2"), "--scale must be a finite number in [1e-06, 1], got 2"),
        ((NAME, "--scale", "nan"), "--scale must be"),
        ((NAME, "--scale", "0.5", "--epochs", "1"), "--scale or --epochs, not both"),
        ((NAME, "--epochs", "0"), "--epochs must be a whole number"),
        ((NAME, "--seeds", "0"), "--seeds takes a count from 1"),
        ((NAME, "--jobs", "x"), "--jobs takes auto"),
        ((NAME, "--device", "tpu"), "device must be one of"),
        ((NAME, "--dataset", "mnits"), "did you mean mnist"),
        (("fine-tune-folder",), "fine-tune-folder is for data of your own; say which with --dataset PATH"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_exit_code_2_and_one_sentence_before_any_training(toy, tmp_path, arguments, sentence):
    code, out, err = toy(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert not (tmp_path / "results").exists()


TITLE = "a toy"


def test_the_table_comes_as_text_markdown_or_latex(toy):
    for form, start in (("table", TITLE), ("markdown", f"### {TITLE}"), ("latex", r"\begin{table}")):
        code, out, _ = toy(NAME, "--only", "ce", "--noise", "0", "--format", form)
        assert (code, out.startswith(start)) == (0, True), out
    assert toy(NAME, "--format", "html")[0] == 2


def test_what_is_the_same_function_is_trained_where_its_number_is_published(toy, tmp_path):
    text = TOY.replace("VALUE", "90")
    study = text.replace('loss = ["ce", "lsr"]', 'loss = ["ce", "lsr", "sce:alpha=1:beta=0"]')
    assert study != text
    twin = (
        '\n[[published]]\nstudy = "plain"\nloss = "sce:alpha=1:beta=0"\nnoise = 0.0\nvalue = 90\nprovenance = "read"\n'
    )
    (tmp_path / "twin.toml").write_text(study + twin)
    code, out, err = toy("twin.toml", "--dry-run", "--json", "--seeds", "1")
    assert code == 0, err
    planned = sum(one["cells"] for one in json.loads(out))
    assert (code, "same function" in err) == (0, False)
    toy("twin.toml", "--seeds", "1")
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == planned


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("epochs = 2", 'epochs = "ten"'), "epochs of a study must be a whole number"),
        (("epochs = 2", "epochs = [2, 3]"), "epochs of a study"),
        (('provenance = "read"', 'provenance = "read"\ntemperature = 3'), "text was expected, got 3"),
    ],
)
def test_a_protocol_that_makes_no_sense_is_a_sentence(toy, tmp_path, change, message):
    text = TOY.replace("VALUE", "90")
    assert change[0] in text
    (tmp_path / "wrong.toml").write_text(text.replace(*change, 1))
    code, _, err = toy("wrong.toml", "--dry-run")
    assert (code, message in err) == (2, True), err


def test_two_data_sets_are_not_averaged_into_one_number(toy):
    code, _, err = toy(NAME, "--dataset", "blobs,mnist")
    assert (code, "one data set, got blobs, mnist" in err) == (2, True)
