"""Vectors (n, d) in place of images: columns of a table, features, embeddings."""

import numpy as np
import pytest
import torch

from lsbench.data.dataset import load
from lsbench.data.describe import describe, doubts
from lsbench.data.npz import read_npz
from lsbench.errors import InputError
from lsbench.names.catalogue import MODELS, TABLE, USUAL_MODELS
from lsbench.planning import plan
from lsbench.planning.models import default_lr, plan_model
from lsbench.planning.results_folder import study_files
from lsbench.spec import Grid, Place
from lsbench.training.stack import run_stack
from tests import quick
from tests.in_turn import in_turn


def arrays(n=60, d=5, m=30, **changes):
    """Vectors of 3 classes, each class around a corner of its own."""
    rng = np.random.default_rng(0)
    labels, tested = np.arange(n) % 3, np.arange(m) % 3
    centres = 4 * rng.standard_normal((3, d))
    made = {"x_train": centres[labels] + rng.standard_normal((n, d)), "y_train": labels}
    made |= {"x_test": centres[tested] + rng.standard_normal((m, d)), "y_test": tested}
    return {**made, **changes}


def save(path, made):
    np.savez(path, **made)
    return str(path)


@pytest.fixture
def table(tmp_path):
    return save(tmp_path / "table.npz", arrays())


def test_an_npz_of_vectors_is_read_as_they_are(table):
    known = describe(table)
    assert (known.shape, known.is_vectors, known.kind, known.noun) == ((5,), True, TABLE, "examples")
    assert load(table).shape == (5,)


def test_each_column_has_mean_0_and_standard_deviation_1_over_the_training_part_alone(tmp_path):
    made = arrays(d=4, x_val=np.full((2, 4), 9.0), y_val=np.array([0, 1]))
    made["x_train"][:, 1] *= 1e-9
    made["x_train"][:, 2] = 1.7e9 + np.arange(60)  # dates in seconds: float32 has no digits for them
    made["x_train"][:, 3] = 7.0
    made["x_test"][:, 3] = 9.5
    data = load(save(tmp_path / "a.npz", made))
    train = data.images[:60].double()
    torch.testing.assert_close(train.mean(0), torch.zeros(4).double(), atol=1e-5, rtol=0)
    torch.testing.assert_close(train.std(0, correction=0), torch.tensor([1.0, 1, 1, 0]).double(), atol=1e-5, rtol=0)
    expected = (made["x_test"] - made["x_train"].mean(0)) / np.append(made["x_train"].std(0)[:3], 1.0)
    torch.testing.assert_close(data.test_images.double(), torch.from_numpy(expected), atol=1e-4, rtol=1e-5)
    assert data.val_count == 2


def test_vectors_are_kept_as_float32_only_where_that_loses_nothing(tmp_path):
    kinds = [(np.ones((6, 2), bool), "float32"), (np.full((6, 2), 2**24 + 1), "float64"), (np.eye(6, 2) / 3, "float64")]
    for values, dtype in kinds:
        made = {"x_train": values, "y_train": np.arange(6) % 2, "x_test": values, "y_test": np.arange(6) % 2}
        assert read_npz(tmp_path / save(tmp_path / "a.npz", made)).train_images.dtype == dtype


@in_turn(
    ("changes", "message"),
    [
        ({"x_test": np.zeros((30, 6))}, "vectors of 5 numbers in train and vectors of 6 numbers in test"),
        ({"x_test": np.zeros((30, 5, 5))}, "vectors of 5 numbers in train and images of 1x5x5"),
        ({"x_test": np.zeros((29, 5))}, "the test set of .* has 29 examples but 30 labels"),
        ({"x_test": np.full((30, 5), np.nan)}, "NaN or inf"),
        ({"x_test": np.full((30, 5), np.inf)}, "NaN or inf"),
        ({"x_test": np.full((30, 5), 1e20)}, "up to 1e\\+18, got 1e\\+20"),
        ({"x_train": np.zeros(60)}, "or vectors, \\(n, d\\); got \\(60,\\)"),
    ],
)
def test_what_are_no_vectors_of_one_size_is_an_error_that_says_why(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        read_npz(tmp_path / save(tmp_path / "a.npz", arrays(**changes)))


def test_sentences_on_vectors_speak_of_examples(tmp_path):
    made = arrays()
    (told,) = doubts(save(tmp_path / "shared.npz", {**made, "x_test": made["x_train"][:30]}))
    assert told.startswith("30 of 30 test examples equal one of the training examples")
    with pytest.raises(InputError, match="all training examples are the same"):
        doubts(save(tmp_path / "same.npz", {**made, "x_train": np.ones((60, 5))}))


def test_a_model_or_an_augmentation_of_images_is_refused_in_a_sentence(table):
    takes = [name for name, entry in MODELS.items() if entry.vector_recipe is not None]
    assert takes == ["linear", "mlp"]
    for name in (*(set(MODELS) - set(takes)), "torchvision:resnet18"):
        with pytest.raises(InputError, match=r"needs images, and .* are vectors; try 'linear' or 'mlp'"):
            plan.expand(Grid(datasets=(table,), models=(name,)))
    for name in takes:
        with pytest.raises(InputError, match="augmentation 'flip' changes images"):
            plan.expand(Grid(datasets=(table,), models=(name,), recipe={"augment": "flip"}))


def test_each_kind_of_data_has_its_own_model_and_recipe_where_none_is_given(table):
    cells = plan.expand(Grid(datasets=("blobs", table), losses=("ce",), seeds=(0,)))
    assert [cell.model for cell in cells] == ["mlp", USUAL_MODELS[TABLE]]
    assert [cell.recipe for cell in cells] == [plan_model("mlp", {}, kind).recipe for kind in ("images", TABLE)]
    given = plan.expand(Grid(datasets=("blobs", table), models=("linear",), recipe={"epochs": 2}, seeds=(0,)))
    assert {(cell.model, cell.recipe.epochs) for cell in given} == {("linear", 2)}


def test_an_optimizer_that_is_not_the_kinds_own_brings_the_rate_that_goes_with_it():
    own = MODELS["mlp"].recipe_of(TABLE)
    assert default_lr(own["optimizer"], MODELS["mlp"], TABLE) == own["lr"]
    assert plan_model("mlp", {"optimizer": "sgd"}, TABLE).recipe.lr == MODELS["mlp"].recipe["lr"]
    assert plan_model("linear", {"optimizer": "adam"}, TABLE).recipe.lr == MODELS["linear"].adam_lr


def test_what_was_asked_is_kept_in_a_study_file_for_each_model_and_recipe(table, tmp_path):
    checked = plan.check(Grid(datasets=("blobs", table), losses=("ce",), models=("linear",)))
    texts = [content.decode() for content in study_files(checked, tmp_path).values()]
    assert sorted(text.splitlines()[0] for text in texts) == sorted([f'dataset = ["{table}"]', 'dataset = ["blobs"]'])
    alike = plan.check(Grid(datasets=("mnist", "blobs"), losses=("ce",)))
    assert len(study_files(alike, tmp_path)) == 1


def test_vectors_train_under_noise_by_the_inputs_mixup_and_folds(table):
    quick.leave_out("trains for long")
    grid = Grid(datasets=(table,), noises=("instance",), noise_rates=(0.2,), seeds=(0, 1), recipe={"epochs": 30})
    rows = [row for stack in plan.expand(grid) for row in run_stack((stack,), Place())]
    assert {row.status for row in rows} == {"ok"}
    assert all(row.metrics["accuracy"] > 0.5 for row in rows)
    mixed = Grid(datasets=(table,), losses=("ce",), models=("linear",), seeds=(0,), recipe={"mixup": 0.2, "epochs": 2})
    assert run_stack(tuple(plan.expand(mixed)), Place())[0].status == "ok"
