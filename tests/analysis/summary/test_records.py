"""Rows as flat records: the key of a cell is there, whole."""

import io
from dataclasses import asdict, fields, replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsbench.analysis.summary import frame, records
from lsbench.analysis.summary.records import COLUMNS, FIRST, key_of
from lsbench.names.catalogue import OPTIMIZERS, PRECISIONS
from lsbench.report.text import plain_field
from lsbench.spec import SCHEDULES, Cell, Recipe
from tests.analysis.summary.handmade import a_row
from tests.simulations import tried

CELL = a_row("gce", eps=0.1).cell
OTHER = {  # of each field of a cell, and of a recipe, another value
    "dataset": "mnist",
    "fingerprint": "g",
    "model": "mlp",
    "loss": "sce",
    "hyper": (("q", 0.9),),
    "noise": "pairflip",
    "noise_rate": 0.25,
    "seed": 7,
    "val": 0.2,
    "train_size": 100,
    "sources": (("model", "0123456789abcdef"),),
    "protocol": 2,
    "folds": 5,
    "noise_seed": 0,
    "test_noise": "symmetric",
    "test_noise_rate": 0.2,
    "test_noise_seed": 1,
    "optimizer": "adam",
    "lr": 0.5,
    "momentum": 0.5,
    "weight_decay": 0.5,
    "batch_size": 3,
    "epochs": 3,
    "schedule": "cosine",
    "precision": "bf16",
    "clip": 0.5,
    "augment": "flip",
    "mixup": 0.5,
    "ema": 0.5,
    "head_epochs": 3,
    "body_scale": 0.5,
    "class_weights": "balanced",
    "sampler": "balanced",
}


def key(cell, *, wide=False):
    return key_of(records([replace(a_row(), cell=cell)], wide=wide)[0])


@pytest.mark.parametrize("field", [f.name for f in fields(Cell) if f.name != "recipe"])
def test_each_field_of_a_cell_is_in_its_exported_key(field):
    other = replace(CELL, **{field: OTHER[field]})
    for wide in (False, True):
        assert key(other, wide=wide) != key(CELL, wide=wide)
    assert csv_lines([other, CELL])[0] != csv_lines([other, CELL])[1]


@pytest.mark.parametrize("field", [f.name for f in fields(Recipe)])
def test_each_field_of_a_recipe_is_in_the_exported_key(field):
    other = replace(CELL, recipe=replace(CELL.recipe, **{field: OTHER[field]}))
    assert key(other) != key(CELL)
    assert csv_lines([other, CELL])[0] != csv_lines([other, CELL])[1]


def csv_lines(cells):
    """The lines of a CSV without ids and results, as `report --format csv` writes them."""
    table = frame([replace(a_row(), cell=cell) for cell in cells]).map(plain_field)
    made = pd.read_csv(io.StringIO(table.to_csv(index=False)), dtype=str, keep_default_na=False)
    return made.drop(columns=["id", "status"]).to_numpy().tolist()


names = st.sampled_from(["q", "eps", "alpha", "beta"])
values = st.floats(-1e6, 1e6) | st.sampled_from(["ce", "gce"])
recipes = st.builds(
    Recipe,
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    lr=st.sampled_from([0.1, 0.1 + 1e-16, 0.1 + 2e-16, 0.2]),
    schedule=st.sampled_from(SCHEDULES),
    precision=st.sampled_from(list(PRECISIONS)),
    clip=st.sampled_from([None, 1.0, 5.0]),
    mixup=st.sampled_from([None, 1.0]),
    ema=st.sampled_from([None, 0.5]),
    epochs=st.integers(1, 3),
    head_epochs=st.integers(0, 2),
)
cells = st.builds(
    Cell,
    dataset=st.text(max_size=3),
    fingerprint=st.sampled_from(["", "f"]),
    model=st.text(max_size=2),
    loss=st.text(max_size=2),
    hyper=st.lists(st.tuples(names, values), max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
    noise=st.text(max_size=2),
    noise_rate=st.sampled_from([0.0, -0.0, 0.2, 1.0]),
    seed=st.integers(0, 2),
    val=st.sampled_from([0.0, 0.1]),
    train_size=st.sampled_from([None, 1, 2]),
    folds=st.sampled_from([None, 2, 3]),
    noise_seed=st.sampled_from([None, 0, 1]),
    test_noise=st.sampled_from(["none", "symmetric"]),
    test_noise_rate=st.sampled_from([0.0, 0.2]),
    test_noise_seed=st.integers(0, 1),
    recipe=recipes,
    sources=st.lists(st.tuples(st.sampled_from(["loss", "model"]), st.sampled_from(["ab", "cd"])), max_size=2).map(
        tuple
    ),
)


@tried()
@given(cells, cells)
def test_two_cells_have_equal_keys_exactly_where_they_are_one(one, other):
    assert (key(one) == key(other)) == (one.id == other.id)


def test_the_columns_of_earlier_versions_come_first_and_keep_their_names():
    assert COLUMNS[: len(FIRST)] == FIRST
    assert FIRST[:6] == ("id", "dataset", "model", "loss", "eps", "noise")
    assert FIRST[6:11] == ("noise_rate", "noise_realised", "seed", "status", "epochs")


def test_the_hyperparameters_are_text_in_every_record_and_numbers_in_a_wide_one():
    row = replace(a_row(), cell=replace(CELL, loss="gce", hyper=(("q", 0.3),)))
    assert records([row])[0]["hyper"] == "q=0.3"
    assert records([row], wide=True)[0]["hyper.q"] == 0.3
    assert frame([row], wide=True)["hyper.q"].dtype == float


def test_whole_numbers_stay_whole_in_a_frame():
    table = frame([replace(a_row(), cell=replace(CELL, train_size=size)) for size in (None, 100)])
    assert "100," in table.to_csv(index=False)
    assert set(asdict(CELL.recipe)) == {name.removeprefix("recipe.") for name in table if name.startswith("recipe.")}


def test_a_hyperparameter_that_is_a_word_stays_one_in_a_wide_record():
    cells = [replace(CELL, loss="prune", hyper=hyper) for hyper in ((("first", "gce"), ("folds", 2.0)), ())]
    table = frame([replace(a_row(), cell=cell) for cell in cells], wide=True)
    assert sorted(table["hyper.first"].dropna()) == ["gce"]
    assert table["hyper.folds"].dtype == float
