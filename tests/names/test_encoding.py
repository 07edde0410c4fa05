r"""Paths, arguments and names that are no UTF-8, or otherwise hostile, from the command line to the page and back."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lsbench.names.encoding import command_line, json_text, printable, to_bytes, visible
from lsbench.planning.study import read_study, write_study
from lsbench.rows import provenance, store
from lsbench.rows.status import only_known
from lsbench.spec import Cell
from tests.analysis.summary.handmade import a_row
from tests.simulations import tried

E = "\udce9"  # the byte \xe9 as Python holds it
HOSTILE = [
    f"caf{E}.png",
    "\ud800",
    "nul\0",
    "x" * 100_000,
    "two\nlines\r\x1b[31m",
    "cafe\u0301",
    "\u202egnp.exe",
    "'\"\\$`",
    "\U0001f600\uffff",
]
anything = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=8)).filter(
    lambda text: json.loads(json.dumps(text)) == text  # two surrogates side by side are one character in JSON
)


def test_what_is_written_is_what_was_hashed_whatever_the_bytes():
    assert to_bytes(f"caf{E}") == b"caf\xe9"
    assert to_bytes("café") == "café".encode()
    assert len({to_bytes(text) for text in HOSTILE}) == len(HOSTILE)


@tried()
@given(anything)
def test_what_is_shown_can_always_be_encoded_and_steers_nothing(text):
    for shown in (visible(text), printable(text), command_line([text]), json_text({text: [text]})):
        shown.encode()
    assert printable(text).isprintable()
    assert command_line([text]).isprintable()


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\0" not in text and "\ud800" not in text])
def test_a_shown_command_is_the_same_command_when_it_is_typed(text):
    text = text[:1000]
    typed = subprocess.run(["bash", "-c", f"printf %s {command_line([text])}"], capture_output=True, check=True)
    assert typed.stdout == os.fsencode(text)


@tried()
@given(st.lists(anything, min_size=8, max_size=8))
def test_a_row_of_any_strings_is_read_back_as_it_was_written(tmp_path_factory, texts):
    dataset, model, loss, hyper, noise, error, key, value = texts
    cell = Cell(dataset=dataset, fingerprint="f", model=model, loss=loss, hyper=((hyper, 0.1),), noise=noise)
    changed = replace(a_row(), cell=cell, error=error, provenance={key: value, "command": value}, curves={key: [1.0]})
    row = only_known(changed)  # as every row is that training makes
    out = tmp_path_factory.mktemp("rows")
    store.write(row, out)
    assert store.read(out) == ([row], [])


@tried()
@given(st.lists(anything, min_size=1, max_size=3))
def test_a_study_file_holds_any_path_of_the_system(tmp_path_factory, texts):
    texts = [os.fsdecode(to_bytes(text)) for text in texts]
    path = tmp_path_factory.mktemp("studies") / "study.toml"
    path.write_bytes(to_bytes(write_study({"loss": texts})))
    assert read_study(path, ["loss"]) == {"loss": tuple(texts)}


@pytest.mark.parametrize("number", [1e101, float("nan"), 10**400])
def test_a_row_that_would_not_be_believed_is_a_failed_row_that_says_why(tmp_path, number):
    row = replace(a_row(), metrics={**a_row().metrics, "./mine.py:f": number})
    with pytest.raises(store.UnreadableError):
        store.write(row, tmp_path)
    assert not list(tmp_path.rglob("*.json"))
    assert store.write_or_fail(row, tmp_path).status == "failed"
    (kept,), _ = store.read(tmp_path)
    assert "could not be read back" in (kept.error or "")


def test_a_file_that_holds_something_else_after_writing_is_no_row(tmp_path, monkeypatch):
    monkeypatch.setattr(store.Path, "read_bytes", lambda _: b"what a broken disk gives")
    with pytest.raises(store.StorageError, match="reads back as something else"):
        store.write(a_row(), tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_git_and_the_users_arguments_may_print_any_bytes(tmp_path, monkeypatch):
    git = tmp_path / "git"
    git.write_bytes(b"#!/bin/sh\nprintf ' M caf\\351.py'\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "argv", ["lsbench", "run", "--out", f"o{E}"])
    provenance._git.cache_clear()
    found = provenance.collect()
    provenance._git.cache_clear()
    assert found["git_dirty"] is True
    assert found["command"] == r"lsbench run --out $'o\xe9'"
    json.dumps(found, ensure_ascii=False).encode()


@pytest.fixture
def hostile_folder(tmp_path, monkeypatch):
    """A folder of images and a file of code, neither of which is called anything in UTF-8."""
    monkeypatch.chdir(tmp_path)
    for name in ("cat", f"d{E}g"):
        (tmp_path / f"photos{E}" / name).mkdir(parents=True)
        for i in range(5):
            pixels = np.full((6, 6), 200 * (name == "cat") + i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"photos{E}" / name / f"caf{E}{i}.png")
    code = "def f(z, y):\n    return -z.log_softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1)\n"
    (tmp_path / f"l{E}.py").write_text(code + "def m(probs, labels):\n    return 1.0\n")
    return tmp_path


@pytest.mark.usefixtures("figures_as_words")
def test_names_that_are_no_utf8_are_trained_once_and_shown_everywhere(lsbench, hostile_folder, monkeypatch):
    monkeypatch.setenv("LSBENCH_DATA", str(hostile_folder / f"data{E}"))
    loss = f"./l{E}.py"
    line = ["--dataset", f"./photos{E}", "--model", "linear", "--epochs", "1", "--seeds", "1", "--out", f"o{E}"]
    line = ["run", *line, "--loss", f"ce,{loss}:f", "--metric", f"{loss}:m", "--batch-size", "4"]
    code, _, err = lsbench(*line)
    assert (code, "2 of 2 cells ok" in err) == (0, True), err
    code, _, err = lsbench(*line)
    assert (code, "2 of 2 cells are in o\\xe9 already, 0 to train" in err) == (0, True), err
    for form in ("table", "markdown", "latex", "csv", "json"):
        code, out, err = lsbench("report", f"o{E}", "--format", form, "--wide")
        assert (code, err) == (0, "")
        assert "photos" in out.encode().decode()
    names = {line["dataset"] for line in csv.DictReader(io.StringIO(lsbench("report", f"o{E}", "--format", "csv")[1]))}
    assert names == {r"./photos\xe9"}
    assert lsbench("report", f"o{E}", "--out", f"page{E}")[0] == 0
    assert r"photos\xe9" in (hostile_folder / f"page{E}/index.html").read_text(encoding="utf-8")
    for command in (["decide", f"o{E}"], ["decide", f"o{E}", "--json"], ["plan", *line[1:], "--write", f"s{E}.toml"]):
        code, out, err = lsbench(*command)
        assert code in (0, 4), err
        out.encode()
    code, _, err = lsbench("run", f"s{E}.toml", "--out", f"o{E}")
    assert (code, "0 to train" in err) == (0, True), err
    (first, *_) = [path.stem for path in (hostile_folder / f"o{E}").rglob("cells/*/*.json")]
    code, out, err = lsbench("rerun", first, "--verify", "--out", f"o{E}")
    assert (code, "bit for bit" in out) == (0, True), err + out
    assert lsbench("check", f"{loss}:f")[0] == 0


def test_a_terminal_that_knows_only_ascii_is_no_reason_for_a_traceback(tmp_path):
    for name in (f"photos{E}", "föto"):
        cell = replace(a_row("lsr", eps=0.1).cell, dataset=name)
        store.write(replace(a_row(), cell=cell), tmp_path / f"o{E}")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for command in (["report"], ["decide"]):
        line = [sys.executable, "-m", "lsbench", *command[:1], f"o{E}", *command[1:]]
        done = subprocess.run(line, cwd=tmp_path, env={**os.environ, **plain}, capture_output=True, check=False)
        assert done.returncode in (0, 4), done.stderr
        assert b"Traceback" not in done.stderr
