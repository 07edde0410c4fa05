import hashlib
import json
import math
from dataclasses import asdict, fields, replace

import pytest

from lsbench.analysis.summary import arms_of
from lsbench.errors import InputError
from lsbench.report.build import Report, ReportOptions
from lsbench.spec import LATER, RECIPE_SETTINGS, Arm, Cell, Grid, Recipe
from lsbench.spec.cell import canonical
from tests.analysis.summary.handmade import a_row


def a_cell(**changes):
    return Cell(**{"dataset": "blobs", "fingerprint": "f", "model": "linear", "loss": "ce", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "mnist"},
        {"fingerprint": "g"},
        {"model": "mlp"},
        {"loss": "lsr"},
        {"hyper": (("eps", 0.1),)},
        {"noise": "symmetric"},
        {"noise_rate": 0.2},
        {"seed": 1},
        {"val": 0.2},
        {"train_size": 10},
        {"recipe": Recipe(lr=0.5)},
        {"protocol": 0},
    ],
    ids=str,
)
def test_everything_that_decides_the_result_changes_the_id(changes):
    assert a_cell(**changes).id != a_cell().id


def test_equal_numbers_make_one_cell():
    assert a_cell(noise_rate=0).id == a_cell(noise_rate=0.0).id == a_cell(noise_rate=-0.0).id
    assert a_cell(hyper=(("eps", 1),)).id == a_cell(hyper=(("eps", 1.0),)).id
    assert a_cell(recipe=Recipe(lr=1)).id == a_cell(recipe=Recipe(lr=1.0)).id


def test_an_id_is_stable_across_processes_and_versions():
    assert a_cell().id == "d472e5c9baff009c"


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": 'caf\xe9 "\\', "hyper": (("a", 1e16), ("b", "word"), ("c", -0.0)), "sources": (("loss", "f" * 8),)},
        {"noise_rate": 1e-7, "train_size": 10**12, "folds": 5, "noise_seed": 0, "recipe": Recipe(ema=0.5, clip=None)},
    ],
)
def test_an_id_is_the_hash_of_json_with_sorted_keys_and_numbers_in_one_form(changes):
    cell = a_cell(**changes)
    left_out = {name for name in (*LATER, "sources") if getattr(cell, name) == Cell.__dataclass_fields__[name].default}
    hashed = {name: canonical(value) for name, value in asdict(cell).items() if name not in left_out}
    usual = {
        f.name for f in fields(Recipe) if RECIPE_SETTINGS[f.name].later and getattr(cell.recipe, f.name) == f.default
    }
    hashed["recipe"] = {name: value for name, value in hashed["recipe"].items() if name not in usual}
    assert cell.id == hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:16]


def test_true_is_not_taken_for_1_in_an_id():
    assert a_cell(val=True).id != a_cell(val=1).id
    assert a_cell(hyper=(("a", True),)).id != a_cell(hyper=(("a", 1.0),)).id


def test_a_cell_survives_json():
    cell = a_cell(hyper=(("eps", 0.1),), recipe=Recipe(clip=5.0), train_size=7)
    assert Cell.from_json(asdict(cell)) == cell


@pytest.mark.parametrize(
    "broken", [{}, {"dataset": 1}, {**asdict(a_cell()), "recipe": {"lr": "fast"}}, {**asdict(a_cell()), "val": 10**400}]
)
def test_what_is_not_a_cell_is_refused(broken):
    with pytest.raises(InputError, match="not a cell"):
        Cell.from_json(broken)


@pytest.mark.parametrize(
    "recipe",
    [
        {"lr": 0.0},
        {"lr": math.nan},
        {"lr": math.inf},
        {"momentum": 1.0},
        {"momentum": -0.1},
        {"weight_decay": -1.0},
        {"batch_size": 0},
        {"epochs": 0},
        {"clip": 0.0},
        {"optimizer": "adamax"},
        {"schedule": "linear"},
    ],
    ids=str,
)
def test_a_recipe_that_makes_no_sense_is_an_error_that_says_what_was_got(recipe):
    with pytest.raises(InputError, match=str(next(iter(recipe.values())))[:4]):
        Recipe(**recipe)


@pytest.mark.parametrize(
    "grid",
    [
        {"noise_rates": (1.5,)},
        {"noise_rates": (math.nan,)},
        {"eps": (1.5,)},
        {"eps": (-math.inf,)},
        {"seeds": ()},
        {"seeds": (-1,)},
        {"val": 1.0},
        {"train_size": 0},
    ],
    ids=str,
)
def test_a_grid_that_makes_no_sense_is_an_error(grid):
    with pytest.raises(InputError):
        Grid(**grid)


def test_generalised_smoothing_takes_negative_eps():
    assert replace(Grid(), eps=(-8.0,)).eps == (-8.0,)


def test_two_arms_whose_numbers_differ_in_late_digits_have_two_names_and_two_lines():
    rows = [a_row("lsr", seed, 0.9, eps=eps) for seed in (0, 1) for eps in (0.1, 0.10000001)]
    names = [arm.name for arm in arms_of(rows)]
    assert names == ["lsr 0.1", "lsr 0.10000001"]
    (table,) = Report(rows, [], ReportOptions()).tables
    assert [line[1].text for line in table.lines] == ["0.1", "0.10000001"]
    arm = Arm("gce", (("q", 0.3), ("r", 0.30000001)))
    assert (arm.name, arm.typed) == ("gce q=0.3 r=0.30000001", "gce:q=0.3:r=0.30000001")
