"""`--features`: a network's name within a data set's, and what is made of it wherever data sets are named."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lsbench import compare
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import head_text
from lsbench.cli.app import app
from lsbench.cli.rerun import check_same_training
from lsbench.data.dataset import load
from lsbench.data.describe import describe, doubts, fingerprint_of, groups_of, units_of
from lsbench.data.origin import data_kind, require_known
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS, FEATURES, IMAGES, USUAL_MODELS
from lsbench.names.dataset_name import (
    features_of,
    is_of_catalogue,
    of_images,
    shown_dataset,
    with_features,
    without_features,
)
from lsbench.names.reference import parse
from lsbench.planning import plan
from lsbench.planning.study import grid_of, study_of
from lsbench.rows import store
from lsbench.rows.status import GIVEN, PUBLISHED, status_of_cell
from lsbench.spec import Grid
from tests import one_process
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

NETWORK = '''
import torch


class Net(torch.nn.Module):
    """A frozen layer of random weights, on 8 x 8 pixels."""

    size, mean, sd = 8, 0.5, 0.5

    def __init__(self, width):
        super().__init__()
        self.layer = torch.nn.Linear(192, width)
        self.layer.weight.data = torch.randn(width, 192, generator=torch.Generator().manual_seed(0)) / 14
        self.layer.bias.data.zero_()

    def forward(self, images):
        return self.layer(images.flatten(1)).relu()


def net(width=12):
    return Net(width)
'''
NET = "./net.py:net"


def images(n=60):
    """(n, 8, 8, 3) of three classes, each of its own brightness; images 0 and 3 are equal."""
    labels = np.arange(n) % 3
    noise = np.random.default_rng(0).integers(0, 60, (n, 8, 8, 3))
    made = (noise + 80 * labels[:, None, None, None]).astype(np.uint8)
    made[3] = made[0]
    return made, labels


@pytest.fixture
def here(tmp_path, monkeypatch, cache):
    """A folder with photos, an archive and a network."""
    made, labels = images()
    for i, (image, label) in enumerate(zip(made, labels, strict=True)):
        place = tmp_path / "photos" / "abc"[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i:02d}.png")
    np.savez(tmp_path / "a.npz", x_train=made, y_train=labels, x_test=made[::-1][:30], y_test=labels[::-1][:30])
    (tmp_path / "net.py").write_text(NETWORK)
    (tmp_path / "who.csv").write_text("number,group\n" + "".join(f"{i},{i // 2}\n" for i in range(90)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@in_turn(
    ("dataset", "features", "name", "shown"),
    [
        ("./p", "torchvision:resnet18", "./p:features=torchvision:network=resnet18", "torchvision:resnet18"),
        ("mnist", "./n.py:f", "mnist:features=./n.py:network=f", "./n.py:f"),
        ("a.npz:annotators=draw", "a.b:f", "a.npz:annotators=draw:features=a.b:network=f", "a.b:f"),
        ("./p", "./n.py:f:size=64:k=a", "./p:features=./n.py:features.k=a:features.size=64:network=f", None),
    ],
)
def test_a_network_and_its_options_stand_in_the_data_sets_name_and_come_out_again(dataset, features, name, shown):
    assert with_features(dataset, features) == name == str(parse(name))
    assert without_features(parse(name))[0] == parse(dataset)
    assert (features_of(name), of_images(name)) == (str(parse(features)), dataset)
    assert shown_dataset(name) == f"{dataset} (features of {shown or str(parse(features))})"
    assert features_of(dataset) == ""
    assert shown_dataset(dataset) == of_images(dataset) == dataset


def test_a_function_of_ones_own_may_have_an_option_of_that_name():
    assert without_features(parse("./mine.py:make:features=3")) == (parse("./mine.py:make:features=3"), "")


def test_features_of_a_published_set_are_of_the_catalogue_and_those_of_own_images_are_not():
    name = with_features("mnist", "torchvision:resnet18")
    assert is_of_catalogue("mnist")
    assert is_of_catalogue(name)
    assert (data_kind("mnist"), data_kind(name), data_kind("./a.npz")) == (IMAGES, FEATURES, None)
    for own in ("./mnist", "./p:features=torchvision:network=resnet18", "mnist:load", "no : name=", "mnist.npz"):
        assert not is_of_catalogue(own), own


def test_where_the_catalogue_is_asked_one_function_is():
    """`name in DATASETS` is false of a published set's features; only what takes names without options may ask so."""
    allowed = {"names/dataset_name.py", "data/origin.py", "planning/plan.py", "training/contract/reference.py"}
    root = Path(__file__).parents[2] / "lsbench"
    asking = {str(path.relative_to(root)) for path in root.rglob("*.py") if "in DATASETS" in path.read_text()}
    assert asking <= allowed, asking - allowed
    assert DATASETS


@in_turn(
    ("dataset", "features", "message"),
    [
        ("blobs", "resnet18", "features are written torchvision:NAME"),
        ("blobs", "torchvision:resnet5", "did you mean resnet"),
        ("blobs", "two words:x y", "torchvision:NAME"),
        ("blobs", "./none.py:net", "no file none.py"),
        ("./photos:size=32", NET, "the option size is of images"),
        ("./vectors.npz", NET, "the examples of './vectors.npz' are vectors already; leave out --features"),
        (f"blobs:features={NET[:-4]}:network=net", NET, "names its features already"),
        ("blobs", f"{NET},{NET}", "takes one network"),
    ],
)
def test_what_can_be_no_features_is_an_error_in_a_sentence(here, dataset, features, message):
    made, labels = images()
    flat = made.reshape(60, -1)
    np.savez("vectors.npz", x_train=flat, y_train=labels, x_test=flat[:9], y_test=labels[:9])
    with pytest.raises(InputError, match=message):
        _described(dataset, features)


def _described(dataset, features):
    name = with_features(dataset, features)
    require_known(name)
    return describe(name)


def test_features_are_described_and_loaded_with_the_labels_and_the_parts_of_their_images(here):
    for own in ("./photos", "./a.npz"):
        name = with_features(own, NET)
        seen, plain = describe(name), describe(own)
        assert (seen.shape, seen.kind, seen.name, seen.noun) == ((12,), FEATURES, name, "examples")
        for field in ("train_examples", "test_examples", "class_names", "counts", "paths", "label_map"):
            assert getattr(seen, field) == getattr(plain, field), field
        data = load(name)
        assert data.shape == (12,)
        assert data.labels.tolist() == load(own).labels.tolist()
        assert (
            len({seen.fingerprint, plain.fingerprint, describe(with_features(own, f"{NET}:width=5")).fingerprint}) == 3
        )


def test_equal_images_share_a_fold_and_copies_in_the_test_set_are_told_as_of_the_images(here):
    name = with_features("./a.npz", NET)
    assert units_of(name).sizes == units_of("./a.npz").sizes == (2,)
    assert load(name).units.tolist() == load("./a.npz").units.tolist()
    assert doubts(name) == doubts("./a.npz") != ()


def test_a_network_that_adds_folders_to_the_search_path_as_it_is_made_is_the_same_one_in_a_worker(here):
    """A process that is started later inherits the search path, and would find other sources behind the name."""
    (here / "lib").mkdir()
    (here / "lib" / "layers_of_mine.py").write_text(NETWORK)
    adds = ["    sys.path.insert(0, 'lib')", "    import layers_of_mine as m", "    return m.Net(4)"]
    (here / "adding.py").write_text("\n".join(["import sys", "def net():", *adds]))
    before = list(sys.path)
    for own in ("./photos", "./a.npz"):
        assert describe(with_features(own, "./adding.py:net")).shape == (4,)
        assert sys.path == before


def test_groups_and_features_go_together_in_either_order(here):
    grid = grid_of({"dataset": "./a.npz", "groups": "who.csv", "features": NET})
    (name,) = grid.datasets
    assert parse(name).options.keys() == {"groups", "features", "network"}
    assert describe(name).groups == describe(of_images(name)).groups != ""
    assert len(groups_of(name).train) == 60
    assert units_of(name).sizes == units_of(of_images(name)).sizes


def test_a_fingerprint_is_known_and_changed_files_are_refused_without_a_feature_being_computed(here, monkeypatch):
    names = [with_features(own, NET) for own in ("./photos", "./a.npz")]
    with monkeypatch.context() as patched:
        patched.setattr("lsbench.data.features.folder.features_of", _never)
        patched.setattr("lsbench.data.features.arrays.featured_splits", _never)
        before = [fingerprint_of(name) for name in names]
    assert before == [describe(name).fingerprint for name in names]
    rows = [
        replace(a_row(), cell=replace(a_row().cell, dataset=name, fingerprint=fingerprint))
        for name, fingerprint in zip(names, before, strict=True)
    ]
    monkeypatch.setattr("lsbench.data.features.folder.features_of", _never)
    monkeypatch.setattr("lsbench.data.features.arrays.featured_splits", _never)
    monkeypatch.setattr("lsbench.data.describe._known", {})  # as in another process
    (here / "photos/a/00.png").rename(here / "photos/b/00.png")
    np.savez(here / "a.npz", **{**np.load(here / "a.npz"), "y_test": np.arange(30) % 3})
    for row in rows:
        with pytest.raises(InputError, match="had the fingerprint"):
            check_same_training(row, None)


def _never(*_, **__):
    raise AssertionError("features were computed")


def test_what_can_not_be_trained_is_an_error_before_the_network_sees_an_image(here, monkeypatch):
    monkeypatch.setattr("lsbench.data.features.folder.featured_folder", _never)
    monkeypatch.setattr("lsbench.data.features.arrays.featured_splits", _never)
    for changes, message in (
        ({"models": ("cnn",)}, "needs images, and the examples of"),
        ({"recipe": {"augment": "flip"}}, "augmentation 'flip' changes images"),
        ({"train_size": 500}, "training examples left"),
        ({"folds": 60}, "can't be cut into 60 folds"),
        ({"losses": ("forward:matrix=known",), "noise_rates": (0.2,)}, "their noise matrix is not known|not known"),
    ):
        for own in ("./photos", "./a.npz"):
            with pytest.raises(InputError, match=message):
                plan.expand(Grid(datasets=(with_features(own, NET),), **changes))


def test_several_data_sets_each_get_the_features_and_the_model_that_is_usual_for_them(here):
    grid = grid_of({"dataset": "./photos,blobs", "features": NET, "loss": "ce", "seeds": "1"})
    cells = plan.expand(grid)
    assert [cell.model for cell in cells] == [USUAL_MODELS[FEATURES]] * 2
    assert [(cell.folds, status_of_cell(cell, "test")) for cell in cells] == [(5, GIVEN), (None, PUBLISHED)]
    assert study_of(grid)["model"] == (USUAL_MODELS[FEATURES],)
    assert head_text(Setting.of(cells[1])) == f"blobs (features of {NET}), linear, no noise"
    assert plan.expand(grid_of(study_of(grid)))[0].recipe == cells[0].recipe


def test_what_is_trained_on_features_is_planned_stored_and_reported_under_their_name(here):
    recipe = {"epochs": 3}
    compare(data="./photos", features=NET, losses=["ce", "lsr"], seeds=2, noise=0.2, recipe=recipe, out="results")
    rows = store.read(Path("results"))[0]
    assert {row.status for row in rows} == {"ok"}
    assert all(row.metrics["accuracy"] > 0.5 for row in rows)
    words = ("--dataset", "./photos", "--loss", "ce,lsr", "--seeds", "2", "--noise", "0.2", "--epochs", "3")
    planned = CliRunner().invoke(app, ["plan", *words, "--features", NET])
    assert planned.stdout.startswith("4 cells: 4 done, 0 failed, 0 to do")
    reported = CliRunner().invoke(app, ["report"])
    assert reported.stdout.startswith(f"./photos (features of {NET}), linear, labels as given, symmetric noise 0.2")


def test_check_says_what_a_network_makes_of_a_data_set(here):
    result = CliRunner().invoke(app, ["check", "./a.npz", "--features", NET])
    assert "examples: 60 training, 30 test; vectors of 12 numbers, float32" in result.output
    assert f"./a.npz (features of {NET}) as a data set" in result.output
    absent = CliRunner().invoke(app, ["check", "./a.npz", "--features", "torchvision:resnet18"])
    assert "add --download" in str(absent.exception)
    assert "--download" in CliRunner().invoke(app, ["check", "--help"]).output
    wrong = CliRunner().invoke(app, ["check", "ce", "--features", NET])
    assert (wrong.exit_code, isinstance(wrong.exception, InputError)) == (1, True)


@pytest.mark.parametrize("data", ["./photos", "./a.npz"])
def test_what_is_said_of_features_names_the_images_and_the_network_as_they_were_typed(here, data, monkeypatch):
    one_process.use(monkeypatch)
    words = [f"--dataset={data}", f"--features={NET}", "--loss=ce", "--seeds=1", "--epochs=1", "--batch-size=8"]
    for command in (["run", *words], ["check", data, f"--features={NET}"], ["run", *words, "--model=cnn"]):
        result = CliRunner().invoke(app, command)
        told = f"{result.output}{result.stderr}{result.exception}"
        assert "network=" not in told
        assert f"(features of {NET})" in told


def test_compare_takes_a_name_or_a_factory_as_features(here):
    made, labels = images()
    scope = {}
    exec(NETWORK, scope)
    common = {"losses": ["ce"], "seeds": 1, "recipe": {"epochs": 2}}
    parts = (made[:45], labels[:45], made[45:], labels[45:])
    np.savez("b.npz", **dict(zip(("x_train", "y_train", "x_test", "y_test"), parts, strict=True)))
    by_name = compare(data="./b.npz", features=NET, **common)
    given = compare(data=parts, features=scope["net"], **common)
    assert by_name["model"].tolist() == given["model"].tolist() == ["linear"]
    assert by_name["accuracy"].tolist() == given["accuracy"].tolist()
