"""What a precision is: measured, kept to the training steps, and part of a cell's id only where it was asked for."""

from dataclasses import replace

import pytest
import torch

from lsbench.analysis.summary import summarise
from lsbench.errors import InputError
from lsbench.models.stack import build
from lsbench.names.catalogue import PRECISIONS
from lsbench.planning.estimate import shape_of
from lsbench.report.fields import title_of
from lsbench.rows.row import Row
from lsbench.spec import Cell, Place, Recipe
from lsbench.training.loop import train
from lsbench.training.precision import arithmetic, autocast, matmul_precision
from lsbench.training.predict import predict_logits
from lsbench.training.stack import run_stack
from tests.training.small_examples import examples_of

CELL = Cell(
    dataset="blobs",
    fingerprint="blobs-1",
    model="linear",
    loss="ce",
    train_size=256,
    recipe=Recipe(epochs=2, lr=0.05, batch_size=32),
)


def test_highest_is_float32_and_bf16_is_bfloat16():
    name, error = arithmetic("highest", "cpu")
    assert (name, error < 1e-6) == ("float32", True)
    name, error = arithmetic("bf16", "cpu")
    assert name == "bfloat16"
    assert 5e-4 < error < 1e-2


@pytest.mark.parametrize("precision", ["high", "medium"])
def test_what_torch_may_choose_is_named_by_its_error(precision):
    name, error = arithmetic(precision, "cpu")
    assert name == ("float32" if error < 1e-5 else "tf32" if error < 1e-3 else "bfloat16")
    assert 0 < error < 1e-2


def test_the_setting_ends_with_the_block_even_if_that_fails():
    torch.set_float32_matmul_precision("highest")
    with pytest.raises(KeyError, match="medium"), matmul_precision("medium", "cpu"):
        raise KeyError(torch.get_float32_matmul_precision())
    assert torch.get_float32_matmul_precision() == "highest"


def test_only_bf16_casts():
    a = torch.ones(2, 2)
    for precision in PRECISIONS:
        with autocast(precision, "cpu"):
            assert (a @ a).dtype == (torch.bfloat16 if precision == "bf16" else torch.float32)


def test_a_gpus_convolutions_follow_and_are_set_back():
    before = torch.backends.cudnn.allow_tf32
    seen = {}
    for precision in PRECISIONS:
        with matmul_precision(precision, "cuda"):
            seen[precision] = (torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision())
    assert seen == {
        "highest": (False, "highest"),
        "high": (True, "high"),
        "medium": (True, "medium"),
        "bf16": (False, "highest"),
    }
    assert torch.backends.cudnn.allow_tf32 == before


def test_predictions_are_made_in_float32_whatever_is_set():
    seen = []
    model = build("linear", (1, 2, 2), 3, [0])
    model.register_forward_hook(lambda *_: seen.append(torch.get_float32_matmul_precision()))
    with matmul_precision("medium", "cpu"):
        predict_logits(model, torch.randn(4, 1, 2, 2))
        assert torch.get_float32_matmul_precision() == "medium"
    assert seen == ["highest"]


def test_the_title_and_the_estimate_tell_precisions_apart():
    bf16 = replace(CELL, recipe=replace(CELL.recipe, precision="bf16"))
    titles = [title_of(summarise([Row(cell=cell, status="ok", metrics={"accuracy": 1.0})])[0]) for cell in (CELL, bf16)]
    assert "precision" not in titles[0]
    assert "constant, precision bf16" in titles[1].replace("one-cycle", "constant")
    assert shape_of(CELL) != shape_of(bf16)


def test_steps_are_trained_in_it_and_what_comes_between_epochs_is_not():
    seen = []

    def objective(logits, labels, index):
        seen.append((torch.get_float32_matmul_precision(), logits.dtype))
        return logits.float().logsumexp(-1)

    images, labels = torch.randn(8, 1, 2, 2), torch.zeros(1, 8, dtype=torch.long)
    for precision, expected in (("medium", ("medium", torch.float32)), ("bf16", ("highest", torch.bfloat16))):
        model = build("linear", (1, 2, 2), 3, [0])
        examples = examples_of(images, labels, [0])
        seen.clear()
        for _ in train(model, examples, objective, Recipe(epochs=2, batch_size=4, precision=precision)):
            assert torch.get_float32_matmul_precision() == "highest"
        assert seen == [expected] * 4
        assert all(p.dtype == torch.float32 for p in model.parameters())


def test_a_row_says_what_it_was_trained_in():
    plain, bf16 = (
        run_stack((replace(CELL, recipe=replace(CELL.recipe, precision=precision)),), Place())[0]
        for precision in ("highest", "bf16")
    )
    assert (plain.provenance["arithmetic"], bf16.provenance["arithmetic"]) == ("float32", "bfloat16")
    assert plain.provenance["matmul_error"] < 1e-6 < bf16.provenance["matmul_error"]
    assert bf16.cell.recipe.precision == "bf16"
    assert 0 < abs(plain.metrics["nll"] - bf16.metrics["nll"]) < 0.02
    assert plain.id != bf16.id


def test_the_default_leaves_the_ids_of_older_rows_alone():
    assert CELL.id == Cell.from_json(without_precision(CELL)).id == "7fd81ed644c37cb5"
    assert replace(CELL, recipe=replace(CELL.recipe, precision="medium")).id != CELL.id


def without_precision(cell):
    recipe = {name: value for name, value in vars(cell.recipe).items() if name != "precision"}
    return {**{f: getattr(cell, f) for f in cell.__dataclass_fields__}, "recipe": recipe}


def test_an_unknown_precision_is_refused_with_what_there_is():
    with pytest.raises(InputError, match="highest, high, medium, bf16"):
        Recipe(precision="float16")


def test_convolutions_of_a_gpu_give_the_same_bits_each_time_and_its_settings_are_given_back(monkeypatch):
    cudnn = torch.backends.cudnn
    monkeypatch.setattr(cudnn, "benchmark", True)
    before = cudnn.deterministic, cudnn.allow_tf32
    for precision, tf32 in (("highest", False), ("high", True)):
        with matmul_precision(precision, "cuda"):
            assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == (True, False, tf32)
    assert (cudnn.deterministic, cudnn.allow_tf32, cudnn.benchmark) == (*before, True)
