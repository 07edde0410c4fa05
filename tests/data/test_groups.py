"""Groups of examples: read from files, kept whole by folds and by the random division of a folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lsbench.data.dataset import load
from lsbench.data.describe import describe, doubts, units_of
from lsbench.data.group_file import with_groups
from lsbench.data.units import joined
from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.planning.study import grid_of, study_of
from lsbench.spec import Grid, Place
from lsbench.training.cross_fit import folds_of
from lsbench.training.stack import run_stack
from tests import quick

N, GROUPS = 120, 40
CHANCE = 0.5


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LSBENCH_DATA", str(tmp_path / "cache"))


def save(path="mine.npz", images=None, **more):
    """120 training and 30 test examples of 2 classes; of 40 groups, each with one class and a picture of its own."""
    draws = np.random.default_rng(0)
    group = np.arange(N) % GROUPS
    pictures = draws.normal(size=(GROUPS, 8, 8))
    labels = draws.permutation(GROUPS) % 2
    images = pictures[group] + 0.3 * draws.normal(size=(N, 8, 8)) if images is None else images
    np.savez(path, x_train=images, y_train=labels[group], x_test=images[:30] + 9, y_test=labels[group[:30]], **more)
    return group


def grid(dataset, **changes):
    asked = {"models": ("mlp:widths=64",), "losses": ("ce",), "recipe": {"epochs": 15, "batch_size": 16, "lr": 0.1}}
    return Grid(datasets=(dataset,), **{**asked, **changes})


def held_out_accuracy(dataset, **changes):
    rows = [r for stack in make_stacks(plan.expand(grid(dataset, **changes))) for r in run_stack(stack, Place())]
    assert all(row.status == "ok" for row in rows)
    return np.mean([row.metrics["val_accuracy"] for row in rows])


@pytest.mark.simulation
def test_a_planted_group_leak_is_seen_without_groups_and_is_chance_with_them():
    np.save("who.npy", save())
    assert held_out_accuracy("./mine.npz") > 0.9
    assert held_out_accuracy("./mine.npz:groups=who.npy") == pytest.approx(CHANCE, abs=0.2)


@pytest.mark.simulation
def test_a_planted_leak_by_equal_images_is_seen_in_a_random_share_and_is_chance_in_folds():
    pictures = np.random.default_rng(1).integers(0, 255, (GROUPS, 8, 8), np.uint8)
    save(images=pictures[np.arange(N) % GROUPS])
    assert held_out_accuracy("./mine.npz", val=0.2) > 0.9
    assert held_out_accuracy("./mine.npz") == pytest.approx(CHANCE, abs=0.2)


def test_groups_come_from_lists_tables_and_arrays_of_the_data_set_itself():
    group = save(who_train=np.arange(N) % GROUPS, who_test=np.arange(30) % 6)
    names = np.array([f"person {g}" for g in group])
    np.save("train.npy", names)
    np.savez("all.npz", who=np.concatenate([group, np.arange(30) % 6]), other=group)
    rows = [f"{i};x;{name}" for i, name in enumerate(names)]
    Path("who.csv").write_text("number;part;Patient\n" + "\n".join(reversed(rows)))
    for written, tested in (
        (with_groups("./mine.npz", "train.npy"), False),
        (with_groups("./mine.npz", "all.npz:who"), True),
        (with_groups("./mine.npz", "who.csv:patient"), False),
        (with_groups("./mine.npz", "who"), True),
    ):
        units, data = units_of(written), load(written)
        assert units.sizes == (3,) * GROUPS
        assert (np.unique(units.numbers, return_inverse=True)[1] == group).all()
        assert (data.test_groups is not None) == tested
        assert not tested or data.test_groups.tolist() == [i % 6 for i in range(30)]
        assert any("40 groups of training examples" in note for note in describe(written).notes)


def test_what_a_group_is_called_decides_no_id_and_who_is_in_it_does():
    group = save()
    np.save("who.npy", group)
    first = plan.expand(grid("./mine.npz:groups=who.npy"))[0]
    assert dict(first.sources)["groups"]
    np.save("who.npy", np.array([f"g{g}" for g in group]))
    assert plan.expand(grid("./mine.npz:groups=who.npy"))[0].id == first.id
    np.save("who.npy", np.arange(N) % 39)
    assert plan.expand(grid("./mine.npz:groups=who.npy"))[0].id != first.id


def test_groups_that_hold_equal_images_are_one_unit():
    groups, equal = np.array([0, 0, 1, 1, 2, 3, 3]), np.array([0, 1, 2, 1, 4, 5, 4])
    units = joined(groups, equal).tolist()
    assert [units.index(unit) for unit in units] == [0, 0, 0, 0, 4, 4, 4]


def test_bad_groups_are_a_sentence():
    group = save()
    np.save("short.npy", group[:50])
    np.save("square.npy", np.ones((N, 2)))
    np.save("one.npy", np.zeros(N))
    np.save("gap.npy", np.where(group == 3, np.nan, group))
    np.savez("two.npz", a=group, b=group)
    tables = {
        "no_key.csv": "who,group\n0,1\n",
        "empty.csv": "number,group\n0,\n",
        "twice.csv": "number,group\n0,1\n0,1\n",
        "few.csv": "number,group\n0,1\n",
        "paths.csv": "path,group\na,1\n",
    }
    for name, text in tables.items():
        Path(name).write_text(text)
    for groups, sentence in {
        "short.npy": r"has 50 groups; the data set has 120 training",
        "square.npy": r"one group for each example, \(n,\)",
        "one.npy": r"1 groups of training examples, which can't be cut into 5 folds; give smaller groups, or --val 0",
        "gap.npy": "has no group for 3 examples",
        "two.npz": r"write .*two.npz:KEY with one of a, b",
        "nowhere.csv": "no file nowhere.csv",
        "who": r"no array who_train of groups",
        "no_key.csv": "has group, and path or number",
        "empty.csv": "line 2: it has no group",
        "twice.csv": "names '0' twice; leave one line",
        "few.csv": r"119 examples have no group",
        "paths.csv": r"120 examples have no group",
        "": "--groups is empty",
        "who.txt": "no array who.txt_train",
    }.items():
        with pytest.raises(InputError, match=sentence):
            plan.expand(grid(with_groups("./mine.npz", groups)))
    for dataset, sentence in {
        "mnist:groups=short.npy": "a data set of the catalogue",
        "./mine.npz:groups=x.txt": "ends in .csv",
        "./mine.npz:size=3": "option",
    }.items():
        with pytest.raises(InputError, match=sentence):
            plan.expand(grid(dataset))
    with pytest.raises(InputError, match=r"give --folds 10 in place of --val 0\.1"):
        plan.expand(grid("./mine.npz:groups=two.npz:column=a", val=0.1))
    with pytest.raises(InputError, match="names its groups already"):
        with_groups("./mine.npz:groups=a.csv", "b.csv")


def test_a_group_on_both_sides_of_the_users_own_division_is_doubted():
    save(who_train=np.arange(N) % GROUPS, who_test=np.arange(30) % 6)
    *_, text = doubts("./mine.npz:column=who")
    assert text == "6 groups are in both the training and the test set: '0', '1', '2', '3', '4' and 1 more"


def test_a_study_file_keeps_groups_with_the_data_set():
    save()
    made = grid_of({"dataset": ("./mine.npz",), "groups": "who.csv:patient"})
    assert made.datasets == ("./mine.npz:column=patient:groups=who.csv",)
    assert grid_of(study_of(made)).datasets == made.datasets


@pytest.fixture
def photos(tmp_path):
    """20 images of each of 2 classes, by 8 people who took 5 each; of people 3 and 7 all are of one class."""
    draws, rows = np.random.default_rng(0), ["path,group"]
    for label in (0, 1):
        (tmp_path / f"photos/{label}").mkdir(parents=True)
        for i in range(20):
            name = f"{label}/{i:02d}.png"
            Image.fromarray(draws.integers(0, 255, (8, 8), np.uint8)).save(tmp_path / "photos" / name)
            rows.append(f"./{name},{(i + 20 * label) // 5}")
    (tmp_path / "who.csv").write_text("\n".join(rows))


def test_the_random_division_of_a_folder_keeps_groups_whole(photos):
    for split in range(4):
        name = f"./photos:split={split}:groups=who.csv"
        data, units = load(name), units_of(name)
        group_of = {f"{label}/{i:02d}.png": (i + 20 * label) // 5 for label in (0, 1) for i in range(20)}
        groups = [group_of[path] for path in describe(name).paths]
        assert not set(groups[: len(data.labels)]) & set(groups[len(data.labels) :])
        assert describe(name).counts["test"] == (5, 5)
        assert units.sizes == (5,) * 6
    assert describe("./photos").fingerprint != describe("./photos:groups=who.csv").fingerprint


def test_a_folder_whose_images_have_no_group_is_a_sentence(photos, tmp_path):
    (tmp_path / "photos/1/new.png").write_bytes((tmp_path / "photos/1/00.png").read_bytes())
    with pytest.raises(InputError, match=r"1 examples have no group \('1/new.png'\)"):
        describe("./photos:groups=who.csv")
    (tmp_path / "photos/1/new.png").unlink()
    (tmp_path / "photos/1/00.png").unlink()
    with pytest.raises(InputError, match=r"1 names are of no example \('1/00.png'\)"):
        describe("./photos:groups=who.csv")
    np.save("who.npy", np.arange(40))
    with pytest.raises(InputError, match="columns path and group"):
        describe("./photos:groups=who.npy")


def test_replacing_the_groups_file_is_noticed_in_the_same_process(photos, tmp_path):
    before = replace(describe("./photos:groups=who.csv"))
    text = (tmp_path / "who.csv").read_text()
    (tmp_path / "who.csv").write_text(text.replace("0/00.png,0", "0/00.png,11"))
    assert describe("./photos:groups=who.csv").groups != before.groups


def test_a_cross_fit_inside_a_cell_keeps_units_whole_and_takes_seeds_whose_folds_differ_in_size():
    quick.leave_out("trains for long")
    group = np.sort(np.random.default_rng(3).integers(0, 20, N) ** 2 // 20)
    np.save("who.npy", group)
    save()
    places = folds_of(0, N, 2, group)
    assert sorted(torch.cat(places).tolist()) == list(range(N))
    assert not set(group[places[0]]) & set(group[places[1]])
    asked = grid("./mine.npz:groups=who.npy", losses=("forward", "ce"), seeds=(0, 5), models=("linear",))
    (stack,) = make_stacks(plan.expand(asked))
    assert [row.status for row in run_stack(stack, Place())] == ["ok"] * 4
    np.save("who.npy", group // 8)
    asked = replace(asked, datasets=("./mine.npz:groups=who.npy",), folds=3, seeds=(0,))
    for stack in make_stacks(plan.expand(replace(asked, losses=("forward:folds=4",)))):
        with pytest.raises(InputError, match=r"groups of training examples are too few for 4 folds inside a cell"):
            run_stack(stack, Place())
