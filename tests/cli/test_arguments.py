"""What is typed: empty values, commas in paths, study files from anywhere, and an eps that not all losses take."""

import os
import threading

import pytest

from lsbench.cli.arguments import require_values
from lsbench.cli.options import RunOptions
from lsbench.errors import InputError
from lsbench.planning.lists import names
from lsbench.planning.study import read_study, study_of, write_study
from lsbench.protocols import read_protocol
from lsbench.spec import Grid

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200", "--seeds", "1")
MINE = """
def mine(logits, labels, *, scale=1.0):
    return -logits.log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1) * scale
"""


@pytest.mark.parametrize(
    "line",
    [
        ("run", "--out", ""),
        ("run", "--out="),
        ("run", "--data-dir", ""),
        ("run", "--dataset", ""),
        ("run", "--recipe", ""),
        ("run", "--device", ""),
        ("run", "--workers", ""),
        ("run", "--address", ""),
        ("plan", "--write", ""),
        ("report", ""),
        ("report", "--baseline", ""),
        ("report", "--out", ""),
        ("decide", ""),
        ("rerun", "", "--verify"),
        ("rerun", "abc", "--out", ""),
        ("check", ""),
        ("check", "ce", "--kind", ""),
        ("reproduce", "tutorial-mnist", "--out", ""),
        ("speed", "--out", ""),
    ],
    ids=" ".join,
)
def test_an_empty_value_is_an_error_and_never_the_current_folder(lsbench, tmp_path, line):
    code, out, err = lsbench(*line)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "is empty; give it a value, or leave it out" in err
    assert list(tmp_path.iterdir()) == []


def test_the_error_names_the_option_that_is_empty():
    with pytest.raises(InputError, match=r"^--out is empty"):
        require_values(["run", "--seeds", "2", "--out", ""])
    with pytest.raises(InputError, match=r"^--data-dir is empty"):
        require_values(["run", "--data-dir="])
    require_values(["run", "--augment", "", "--augment="])  # none, where the recipe has one


@pytest.mark.parametrize("name", ["out", "data_dir", "device", "recipe", "dataset"])
def test_an_empty_value_in_a_study_is_an_error(tmp_path, name):
    (tmp_path / "s.toml").write_text(f'{name} = ""\n')
    with pytest.raises(InputError, match="is empty; give"):
        RunOptions(study=tmp_path / "s.toml").with_study.grid()


def test_a_comma_within_a_path_that_is_there_does_not_split_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b").mkdir()
    (tmp_path / "c,d.py").write_text(MINE)
    (tmp_path / "e,f.npz").touch()
    assert names("--dataset", ["./a,b"]) == ("./a,b",)
    assert names("--dataset", ["./a,b:size=64", "mnist,blobs"]) == ("./a,b:size=64", "mnist", "blobs")
    assert names("--loss", ["./c,d.py:mine:scale=2", "ce,lsr"]) == ("./c,d.py:mine:scale=2", "ce", "lsr")
    assert names("--noise-kind", ["human:e,f.npz:labels"]) == ("human:e,f.npz:labels",)
    assert names("--dataset", [str(tmp_path / "a,b")]) == (str(tmp_path / "a,b"),)
    assert names("--dataset", ["./no,such"]) == ("./no", "such")
    assert names("--dataset", ("./no,such",)) == ("./no,such",)
    assert names("--loss", ["x" * 5000 + ",ce"])[1] == "ce"
    with pytest.raises(InputError, match=r"the path \./a,b has a comma; repeat the option"):
        names("--dataset", ["./a,b,blobs"])


def test_momentum_is_an_error_for_an_optimizer_that_has_none_and_stays_in_a_study(tmp_path):
    with pytest.raises(InputError, match="--momentum has no effect: adagrad has none"):
        RunOptions(optimizer="adagrad", momentum=0.5).require_effect()
    (tmp_path / "s.toml").write_text('optimizer = "adagrad"\nmomentum = 0.9\n')
    RunOptions(study=tmp_path / "s.toml").require_effect()
    RunOptions(optimizer="sgd", momentum=0.5).require_effect()


def test_a_users_file_that_reads_the_command_line_sees_no_options(lsbench, tmp_path):
    (tmp_path / "parses.py").write_text(f"import argparse\nargparse.ArgumentParser().parse_args()\n{MINE}")
    assert planned(lsbench, "--loss", "./parses.py:mine")[0] == 0
    (tmp_path / "leaves.py").write_text(f"import sys\n{MINE}\nsys.exit(4)\n")
    code, _, err = planned(lsbench, "--loss", "./leaves.py:mine")
    assert (code, "it ends the program when it is imported (exit code 4)" in err) == (2, True)


def test_paths_with_commas_train_from_the_command_line_and_from_a_study(lsbench, tmp_path):
    (tmp_path / "c,d.py").write_text(MINE)
    code, _, err = lsbench("run", *TINY, "--loss", "./c,d.py:mine", "--loss", "ce,lsr", "--out", "o,1")
    assert (code, "3 of 3 cells ok" in err) == (0, True)
    (study,) = (tmp_path / "o,1" / "studies").iterdir()
    assert '"./c,d.py:mine"' in study.read_text()
    code, out, _ = lsbench("plan", study, "--out", "o,1")
    assert (code, out.startswith("3 cells: 3 done")) == (0, True)


def test_the_items_of_a_studys_list_are_whole(tmp_path):
    grid = Grid(datasets=("./not,there", "blobs"), losses=("./my,loss.py:f",), noises=("human:a,b.npy",), seeds=(7,))
    path = tmp_path / "s.toml"
    path.write_text(write_study({**study_of(Grid(seeds=(7,))), "dataset": list(grid.datasets)}))
    found = RunOptions(study=path).with_study.grid()
    assert (found.datasets, found.seeds) == (grid.datasets, (7,))
    path.write_text('dataset = "mnist,blobs"\n')
    assert RunOptions(study=path).with_study.grid().datasets == ("mnist", "blobs")


BOM = b"\xef\xbb\xbf"


def test_files_that_begin_with_a_byte_order_mark_are_read(tmp_path):
    (tmp_path / "s.toml").write_bytes(BOM + b'loss = "ce"\r\nepochs = 3\r\n')
    assert read_study(tmp_path / "s.toml", ["loss", "epochs"]) == {"loss": "ce", "epochs": 3}
    from importlib.resources import files

    protocol = files("lsbench.protocols").joinpath("tutorial-mnist.toml").read_bytes()
    (tmp_path / "p.toml").write_bytes(BOM + protocol)
    assert read_protocol(str(tmp_path / "p.toml")) == read_protocol("tutorial-mnist")


def test_a_study_is_read_once_so_that_it_may_come_through_a_pipe(lsbench, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    text = 'dataset = "blobs"\nmodel = "linear"\nloss = ["ce", "lsr"]\nseeds = 1\n'
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text(text), daemon=True)
    writer.start()
    code, out, _ = lsbench("plan", tmp_path / "pipe", "--eps", "0.2")
    writer.join(10)
    assert (code, out.startswith("2 cells:")) == (0, True)


def planned(lsbench, *options):
    return lsbench("plan", *TINY, *options)


def test_losses_that_do_without_the_eps_that_was_typed_are_named_with_the_reason(lsbench):
    code, _, err = planned(lsbench, "--loss", "ce,lsr,nls,gce,fused:eps=0.3", "--eps", "0.1")
    assert (code, len(err.splitlines())) == (0, 1)
    assert "--eps 0.1 is not for all losses" in err
    assert "nls takes only eps below 0, its own is -0.4" in err
    assert "gce takes none" in err
    assert "fused:eps=0.3 has its own" in err
    assert planned(lsbench, "--loss", "ce,lsr", "--eps", "0.1")[2] == ""
    assert planned(lsbench, "--loss", "ce,lsr,nls")[2] == ""
    assert planned(lsbench, "--loss", "lsr,nls", "--eps", "0.1,-0.4")[2] == ""


@pytest.mark.parametrize(
    ("losses", "why"),
    [
        ("nls", "nls takes only eps below 0, its own is -0.4"),
        ("ce,nls", "ce takes none; nls takes only eps below 0"),
        ("lsr:eps=0.2", "lsr:eps=0.2 has its own"),
        ("ce,gce", "ce takes none; gce takes none"),
    ],
)
def test_an_eps_that_no_loss_takes_is_an_error_with_the_reason(lsbench, losses, why):
    code, out, err = planned(lsbench, "--loss", losses, "--eps", "0.1")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "--eps is for losses that smooth" in err
    assert why in err
    assert planned(lsbench, "--loss", "nls", "--eps", "-0.2")[0] == 0
