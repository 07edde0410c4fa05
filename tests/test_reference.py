import pytest

from lsbench.errors import InputError
from lsbench.reference import Reference, hyper_of, is_own, keep_object, load_own, parse, source_hash

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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(("text", "problem"), [("a:b=1:c", "'c' is no option"), ("a:b=1:b=2", "twice")])
def test_options_that_make_no_sense_are_errors(text, problem):
    with pytest.raises(InputError, match=problem):
        parse(text)


@pytest.mark.parametrize("name", ["./my.py:loss", "package.module:thing", "module:thing", "python:f"])
def test_objects_of_ones_own_are_known_by_their_colon(name):
    assert is_own(name)


@pytest.mark.parametrize("name", ["gce", "./photos", "data.npz", "human:labels.npz:worse label", "C/D:"])
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
