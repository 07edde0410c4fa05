"""The command line as a user meets it."""

import csv
import io
import json
from dataclasses import replace

import pytest

from lsbench import __version__
from lsbench.analysis.summary import COLUMNS
from lsbench.names.catalogue import DATASETS, LOSSES

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200")


@pytest.mark.whole
def test_the_main_job_from_training_to_every_report(lsbench, tmp_path):
    code, out, err = lsbench("run", *TINY, "--noise", "0.2", "--eps", "0.1", "--seeds", "2")
    assert (code, out) == (0, "")
    assert err.count("accuracy") == 6
    assert "lsbench report" in err
    code, out, _ = lsbench("report")
    assert code == 0
    assert [words[0] for line in out.splitlines() if (words := line.split()) and words[0] in LOSSES] == [
        "ce",
        "lsr",
        "fused",
    ]
    _, out, _ = lsbench("report", "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(out)))
    assert len(lines) == 6
    assert tuple(lines[0]) == COLUMNS
    _, out, _ = lsbench("report", "--format", "json")
    assert [line["id"] for line in json.loads(out)] == [line["id"] for line in lines]
    assert {line["eps"] for line in json.loads(out)} == {None, 0.1}
    _, out, _ = lsbench("report", "--format", "latex")
    assert r"\toprule" in out
    _, out, err = lsbench("report", "--format", "markdown", "--out", tmp_path / "page")
    assert out == (tmp_path / "page/report.md").read_text()
    assert {p.name for p in (tmp_path / "page").iterdir()} == {
        "report.txt",
        "report.md",
        "rows.csv",
        "report.tex",
        "rows.json",
        "index.html",
        "figures",
    }


def test_the_same_line_again_trains_nothing_and_a_larger_grid_only_what_is_new(lsbench, tmp_path):
    lsbench("run", *TINY, "--seeds", "1", "--out", "r")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*.json")}
    code, _, err = lsbench("run", *TINY, "--seeds", "1", "--out", "r")
    assert code == 0
    assert "3 of 3 cells are in r already, 0 to train" in err
    _, _, err = lsbench("run", *TINY, "--seeds", "2", "--out", "r")
    assert "3 of 6 cells are in r already, 3 to train" in err
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*.json")}
    assert len(after) == 6
    assert before.items() <= after.items()


def test_report_reads_what_run_was_told_to_write(lsbench, tmp_path):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce", "--out", "mine")
    assert lsbench("report", "mine")[1] == lsbench("report", "--out", "mine")[1]
    assert (tmp_path / "mine/report/report.md").is_file()


def test_a_diverged_cell_is_exit_code_3_and_stays_until_asked_for(lsbench):
    wild = ("run", "--dataset", "blobs", "--model", "mlp", "--loss", "ce", "--seeds", "1", "--lr", "1e6")
    code, _, err = lsbench(*wild)
    assert code == 3
    assert "diverged" in err
    code, _, err = lsbench(*wild)
    assert (code, "1 of 1 cells are in results already" in err) == (3, True)
    code, _, err = lsbench(*wild, "--rerun", "failed")
    assert (code, "[1/1]" in err) == (3, True)
    code, out, _ = lsbench("report")
    assert code == 0
    assert "diverged: ce" in out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--noise", "20"), "noise rate must be a finite number in [0, 1], got 20.0; 20 % is written 0.2"),
        (("--noise", "20%"), "got '20%'; 20% is written 0.2"),
        (("--noise", "nan"), "--noise takes finite numbers"),
        (("--eps", "two"), "--eps takes finite numbers"),
        (("--eps", "1.1"), "eps must be a finite number of at most 1, got 1.1"),
        (("--seeds", "0"), "--seeds takes a count from 1"),
        (("--batch-size", "0"), "batch size must be"),
        (("--epochs", "0"), "epochs must be"),
        (("--lr", "0"), "learning rate must be"),
        (("--lr", "nan"), "--lr takes finite numbers"),
        (("--loss", "focall"), "unknown loss 'focall'"),
        (("--loss", "lssr"), "did you mean lsr or"),
        (("--model", "resnet"), "unknown model"),
        (("--dataset", "mnits"), "did you mean mnist or kmnist?"),
        (("--noise-kind", "symetric"), "did you mean symmetric"),
        (("--optimizer", "sgdd"), "optimizer must be one of sgd, adam, adamw, adagrad; got 'sgdd'"),
        (("--schedule", "x"), "schedule must be one of"),
        (("--device", "tpu"), "--device must be one of auto, cpu, cuda; got 'tpu'"),
        (("--jobs", "0"), "--jobs takes auto or a whole number"),
        (("--timeout", "-1"), "--timeout must be"),
        (("--val", "1"), "val must be"),
        (("--train-size", "0"), "train size must be"),
        (("--out", "/proc/nowhere"), "choose another --out"),
        (("--loss", "ce", "--eps", "0.3"), "--eps is for losses that smooth; ce takes none"),
        (("--train-size", "5000"), "'blobs' has 1,800 training examples left"),
        (("--download", "--dataset", "fashion-mnist", "--loss", "nonsense"), "unknown loss 'nonsense'"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_bad_input_is_exit_code_2_and_one_sentence_before_any_training(lsbench, tmp_path, options, sentence):
    code, out, err = lsbench("run", *TINY, *options)
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.json"))


def test_a_missing_data_set_is_exit_code_2_and_says_what_to_try(lsbench, monkeypatch):
    elsewhere = replace(DATASETS["fashion-mnist"], system_folder="/nowhere")  # where Debian's package may be installed
    monkeypatch.setitem(DATASETS, "fashion-mnist", elsewhere)
    code, out, err = lsbench("run", "--dataset", "fashion-mnist", "--data-dir", "nowhere")
    assert (code, out, "add --download" in err, len(err.splitlines())) == (2, "", True, 1)


@pytest.mark.parametrize("arguments", [("run", "--nonsense"), ("report", "--format", "pdf"), ("run", "--epochs", "x")])
def test_usage_errors_are_exit_code_2(lsbench, arguments):
    assert lsbench(*arguments)[0] == 2


def test_nothing_to_report_is_exit_code_4(lsbench):
    code, out, err = lsbench("report")
    assert (code, out) == (4, "")
    assert "no rows below results" in err


def test_a_foreign_file_is_named_and_skipped(lsbench, tmp_path):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    path.with_name("torn.json").write_text('{"id":')
    code, out, err = lsbench("report", "--format", "csv")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert "torn.json" in err


@pytest.mark.parametrize("what", ["losses", "models", "datasets", "noises", "metrics"])
def test_list_names_everything_and_speaks_json(lsbench, what):
    code, out, _ = lsbench("list", what)
    assert code == 0
    described = json.loads(lsbench("list", what, "--json")[1])
    assert [line.split()[0] for line in out.splitlines()] == list(described)
    assert all({"summary", "source"} <= set(entry) for entry in described.values())


def test_list_of_nothing_known_is_an_error_with_a_hint(lsbench):
    code, _, err = lsbench("list", "loses")
    assert (code, "did you mean losses" in err) == (2, True)


def test_the_version_is_the_packages(lsbench):
    assert lsbench("--version")[1] == f"lsbench {__version__}\n"


def test_smoke_tries_every_loss(lsbench):
    assert lsbench("run", "--smoke", "--dry-run")[1].startswith(f"{len(LOSSES)} cells: 0 done, 0 failed, ")


def test_smoke_trains_the_default_model_on_real_images_keeps_nothing_and_passes(lsbench, tmp_path):
    code, out, err = lsbench("run", "--smoke", "--loss", "ce,mae")  # mae learns slowest
    assert (code, out) == (0, "")
    assert all(f", {loss}, seed 0: accuracy" in err for loss in ("ce", "mae"))
    assert list(tmp_path.iterdir()) == []


def test_a_later_versions_row_is_set_aside_not_overwritten(lsbench, tmp_path):
    line = ("run", *TINY, "--seeds", "1", "--loss", "ce")
    lsbench(*line)
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    later = json.dumps({**json.loads(path.read_text()), "schema": 2})
    path.write_text(later)
    code, _, err = lsbench(*line)
    assert (code, "schema 2" in err, "kept under another name" in err) == (0, True, True)
    assert path.with_name(f"{path.name}.refused-1").read_text() == later


def test_a_file_where_a_folder_should_be_is_a_sentence(tmp_path, lsbench):
    (tmp_path / "claims").touch()
    code, _, err = lsbench("run", *TINY, "--out", tmp_path)
    assert (code, "choose another --out" in err) == (2, True)


def test_finished_cells_without_weights_are_mentioned(lsbench, tmp_path):
    line = ("run", *TINY, "--loss", "ce", "--seeds", "1")
    lsbench(*line)
    assert "--rerun all" in lsbench(*line, "--save-models")[2]
    lsbench(*line, "--save-models", "--rerun", "all")
    assert len(list((tmp_path / "results/models").glob("*.safetensors"))) == 1
    assert "--rerun all" not in lsbench(*line, "--save-models")[2]


def test_run_says_which_losses_are_one_function(lsbench):
    line = ("run", *TINY, "--dry-run", "--seeds", "1")
    _, out, err = lsbench(*line, "--loss", "ce,gce:q=0,forward:matrix=known", "--noise", "0,0.2")
    assert out.startswith("3 cells:")
    assert "gce q=0 is the same function as ce, which is trained; --no-dedupe trains both" in err
    assert "forward matrix=known is the same function without noise as ce" in err
    _, out, err = lsbench(*line, "--loss", "ce,gce:q=0,forward:matrix=known", "--noise", "0,0.2", "--no-dedupe")
    assert (out.startswith("6 cells:"), err) == (True, "")
    _, out, err = lsbench(*line, "--loss", "ce,forward:matrix=known")
    assert (out.startswith("1 cell:"), "forward matrix=known is the same function as ce" in err) == (True, True)


def test_a_metric_that_was_edited_is_told_from_the_one_that_finished_rows_hold(lsbench, tmp_path):
    metric = tmp_path / "mine.py"
    asked = ("run", *TINY, "--loss", "ce", "--seeds", "1", "--metric", "./mine.py:sure")
    metric.write_text("def sure(probs, labels):\n    return probs.max(-1).values.mean()\n")
    assert "edited" not in lsbench(*asked)[2]
    assert "edited" not in lsbench(*asked)[2]
    metric.write_text("def sure(probs, labels):\n    return probs.max(-1).values.min()\n")
    assert "./mine.py:sure was edited after some finished cells were measured: --rerun all" in lsbench(*asked)[2]
    assert "edited" not in lsbench(*asked, "--rerun", "all")[2]
