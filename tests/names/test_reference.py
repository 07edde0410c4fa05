import math
import os
import subprocess
import sys

import pytest

from lsbench.errors import InputError
from lsbench.names.reference import Reference, hyper_of, is_own, keep_object, load_own, parse, plugin, source_hash
from tests.in_turn import in_turn

OWN = """
import math

def loss(logits, labels, *, alpha=2.0):
    "Mine."
    return logits.logsumexp(-1) * alpha
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@in_turn(
    ("text", "name", "options"),
    [
        ("gce", "gce", {}),
        ("gce:q=0.5", "gce", {"q": 0.5}),
        ("mlp:widths=1024-1024:dropout=0.2", "mlp", {"widths": "1024-1024", "dropout": 0.2}),
        ("./my.py:loss:alpha=2", "./my.py:loss", {"alpha": 2}),
        ("torchvision:resnet34:pretrained=true", "torchvision:resnet34", {"pretrained": True}),
        ("human:labels.npz:worse_label", "human:labels.npz:worse_label", {}),
        ("./photos:size=64:broken=skip", "./photos", {"size": 64, "broken": "skip"}),
    ],
)
def test_a_name_is_what_stands_before_the_options(text, name, options):
    assert parse(text) == Reference(name, options)


def test_the_order_of_options_does_not_matter_to_how_it_is_written():
    assert str(parse("mlp:b=1:a=true")) == str(parse("mlp:a=true:b=1")) == "mlp:a=true:b=1"


@in_turn(("text", "problem"), [("a:b=1:c", "'c' is no option"), ("a:b=1:b=2", "twice")])
def test_options_that_make_no_sense_are_errors(text, problem):
    with pytest.raises(InputError, match=problem):
        parse(text)


@in_turn("name", ["./my.py:loss", "package.module:thing", "module:thing", "python:f"])
def test_objects_of_ones_own_are_known_by_their_colon(name):
    assert is_own(name)


@in_turn("name", ["gce", "./photos", "data.npz", "human:labels.npz:worse label", "C/D:"])
def test_other_names_are_not(name):
    assert not is_own(name)


def test_a_file_of_the_current_folder_is_imported(folder):
    (folder / "mine.py").write_text(OWN)
    assert load_own("./mine.py:loss") is load_own("./mine.py:loss")
    assert hyper_of(load_own("./mine.py:loss"), "it") == {"alpha": 2.0}


def test_a_module_of_the_current_folder_is_importable(folder):
    (folder / "mine_as_module.py").write_text(OWN)
    assert load_own("mine_as_module:loss").__doc__ == "Mine."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("./none.py:loss", "no file none.py"),
        ("./mine2.py:los", "did you mean loss"),
        ("no_such_module:loss", "can't import no_such_module: ModuleNotFoundError"),
        ("./broken.py:loss", r"can't import ./broken.py: ZeroDivisionError: division by zero \(line 2\)"),
    ],
)
def test_what_is_not_there_or_fails_is_said_in_a_sentence(folder, name, problem):
    (folder / "mine2.py").write_text(OWN)
    (folder / "broken.py").write_text("x = 1\n1 / 0\n")
    with pytest.raises(InputError, match=problem):
        load_own(name)


def test_the_hash_of_the_source_changes_with_it(folder):
    (folder / "one.py").write_text(OWN)
    (folder / "two.py").write_text(OWN)
    (folder / "three.py").write_text(OWN + "\n# changed\n")
    one, two, three = (source_hash(f"./{name}.py:loss") for name in ("one", "two", "three"))
    assert one == two != three


def test_objects_of_the_process_are_told_apart_by_name_and_by_what_they_hold():
    def make(power):
        def loss(logits, labels):
            return logits.sum(-1) ** power

        return loss

    first, second = make(1), make(2)
    names = keep_object("loss", first), keep_object("loss", second)
    assert names[0] == keep_object("loss", first) != names[1]
    assert load_own(names[1]) is second
    assert source_hash(names[0]) != source_hash(names[1])


def test_a_hyperparameter_needs_a_number():
    with pytest.raises(InputError, match="'mode' needs a number"):
        hyper_of(lambda logits, labels, *, mode="x": logits, "it")


def test_an_object_is_hashed_by_the_file_that_defines_it_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "apart_package"
    package.mkdir()
    (package / "__init__.py").write_text("from apart_package.losses import f\n")
    (package / "losses.py").write_text("def f(z, y):\n    return z\n")
    code = "from lsbench.names.reference import source_hash; print(source_hash('apart_package:f'))"

    def hashed():
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    first = hashed()
    assert hashed() == first
    (package / "losses.py").write_text("def f(z, y):\n    return 2 * z\n")
    assert hashed() != first


def test_an_edited_file_is_executed_again_and_another_folders_file_is_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebook.py").write_text("VALUE = 1\ndef f():\n    return VALUE\n")
    first, before = load_own("./notebook.py:f"), source_hash("./notebook.py:f")
    assert load_own("./notebook.py:f") is first
    written = (tmp_path / "notebook.py").stat()
    (tmp_path / "notebook.py").write_text("VALUE = 2\ndef f():\n    return VALUE\n")
    os.utime(tmp_path / "notebook.py", ns=(written.st_atime_ns, written.st_mtime_ns))  # edited within the clock's tick
    assert (load_own("./notebook.py:f")(), source_hash("./notebook.py:f") != before) == (2, True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/notebook.py").write_text("def f():\n    return 3\n")
    monkeypatch.chdir(tmp_path / "other")
    assert load_own("./notebook.py:f")() == 3


def test_a_file_may_import_what_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/beside_it.py").write_text("VALUE = 5\n")
    (tmp_path / "sub/uses.py").write_text("from beside_it import VALUE\ndef f():\n    return VALUE\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert load_own("./sub/uses.py:f")() == 5


@pytest.mark.parametrize("line", ["import sys; sys.exit(0)", "1 / 0", "import not_there_at_all"])
def test_a_file_that_can_not_be_imported_is_a_sentence(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text(line + "\n")
    for _ in range(2):
        with pytest.raises(InputError, match=r"can't import .*bad\.py"):
            load_own("./bad.py:f")


def test_what_does_not_tell_its_arguments_or_has_no_finite_default_is_a_sentence():
    with pytest.raises(InputError, match="has no signature"):
        hyper_of(math.hypot, "it")

    def nan(logits, labels, *, cap=float("nan")):
        return logits

    with pytest.raises(InputError, match="default of cap"):
        hyper_of(nan, "it")


def test_a_plugin_is_found_once_its_package_is_on_the_search_path(folder, monkeypatch):
    package = folder / "theirs" / "theirs-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[lsbench.losses]\ntilted = theirs:tilted\n")
    assert plugin("loss", "tilted") is None
    monkeypatch.syspath_prepend(package.parent)
    assert plugin("loss", "tilted").value == "theirs:tilted"
    assert plugin("model", "tilted") is None
