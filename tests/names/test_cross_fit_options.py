"""Losses that train other networks first: how they are written, what is refused, what stays as it was."""

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.hyper_axes import hyper_axes, with_hyper
from lsbench.spec import Grid, is_oracle
from tests.in_turn import in_turn

ESTIMATED = (("first", "ce"), ("folds", 2.0), ("matrix", "estimated"))


def cell_of(loss, **changes):
    grid = {"datasets": ("blobs",), "models": ("linear",), "seeds": (0,), "noise_rates": (0.2,), **changes}
    (cell,) = plan.expand(Grid(losses=(loss,), **grid))
    return cell


@in_turn(
    ("written", "hyper", "name"),
    [
        ("forward", ESTIMATED, "forward"),
        ("backward:matrix=estimated", ESTIMATED, "backward"),
        ("forward:matrix=known", (), "forward matrix=known"),
        ("forward:first=gce:first.q=0.7", (("first", "gce"), *ESTIMATED[1:]), "forward first=gce"),
        ("prune", (("by", "rate"), ("first", "ce"), ("folds", 2.0), ("loss", "ce")), "prune"),
        (
            "prune:loss=lsr:by=both:loss.eps=0.2:first=gce:first.q=0.5",
            (
                *(("by", "both"), ("first", "gce"), ("first.q", 0.5), ("folds", 2.0)),
                *(("loss", "lsr"), ("loss.eps", 0.2)),
            ),
            "prune by=both first=gce first.q=0.5 loss=lsr loss.eps=0.2",
        ),
        ("relabel:folds=3", (("first", "ce"), ("folds", 3.0), ("loss", "ce")), "relabel folds=3"),
    ],
)
def test_what_is_written_is_one_arm_and_its_name_leaves_out_what_is_usual(written, hyper, name):
    cell = cell_of(written)
    assert (cell.hyper, cell.arm.name) == (hyper, name)
    assert cell_of(cell.arm.typed).id == cell.id


def test_the_known_matrix_has_the_ids_of_0_2_0_and_is_an_oracles():
    cell = cell_of("forward:matrix=known")
    assert cell.id == "39eff52de876501e"
    assert [is_oracle(cell_of(loss).arm) for loss in ("forward:matrix=known", "forward", "ce")] == [True, False, False]


def test_a_file_of_a_matrix_is_read_at_planning_and_its_numbers_are_in_the_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savetxt("m.csv", np.eye(10), delimiter=",")
    first = cell_of("forward:matrix=m.csv")
    np.savetxt("m.csv", 0.9 * np.eye(10) + 0.01, delimiter=",")
    second = cell_of("forward:matrix=m.csv")
    assert first.id != second.id
    assert (second.arm.name, second.arm.matrix_file, is_oracle(second.arm)) == ("forward matrix=m.csv", "m.csv", False)


@in_turn(
    ("written", "said"),
    [
        ("forward:first=forward", "must be a loss that trains one network"),
        ("prune:loss=prune", "must be a loss that trains one network"),
        ("prune:loss=backward", "must be a loss that trains one network"),
        ("prune:loss=gcee", "did you mean gce"),
        ("forward:matrix=known:folds=3", "leave out folds"),
        ("forward:fold=3", "did you mean folds"),
        ("relabel:by=rate", "unknown option of relabel"),
        ("prune:by=size", "must be one of class, rate, both"),
        ("prune:folds=1", "must be a whole number in"),
        ("prune:folds=2.5", "must be a whole number"),
        ("prune:first.q=1", "first is ce, which takes no option"),
        ("prune:first=gce:first.q=2", r"in \[0, 1\], got 2"),
        ("prune:first=gce:first.eps=0.1", "unknown hyperparameter of gce"),
        ("forward:loss.eps=0.1", "no inner loss 'loss'"),
        ("forward:matrix=nofile.csv", "estimated, known, or a file"),
    ],
)
def test_what_makes_no_sense_is_refused_at_planning(written, said):
    with pytest.raises(InputError, match=said):
        cell_of(written)


@pytest.mark.parametrize("loss", ["prune:loss=elr", "forward:first=elr", "elr"])
def test_a_loss_that_remembers_examples_goes_with_no_mixup_wherever_it_stands(loss):
    with pytest.raises(InputError, match="mixup"):
        cell_of(loss, recipe={"mixup": 0.2})


def test_the_matrix_of_labels_as_given_is_known_to_nobody(tmp_path):
    images, labels = (
        np.random.default_rng(0).integers(256, size=320).astype(np.uint8).reshape(20, 1, 4, 4),
        np.arange(20) % 2,
    )
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    data = {"datasets": (str(tmp_path / "own.npz"),)}
    with pytest.raises(InputError, match="not known; backward estimates it"):
        cell_of("backward:matrix=known", **data)
    assert cell_of("backward", **data).arm.networks == 3


def test_an_option_of_an_inner_loss_may_have_several_values():
    axes = hyper_axes("--hyper", ["prune.first.q=0.3,0.5"])
    assert with_hyper(("ce", "prune:first=gce"), axes) == (
        "ce",
        "prune:first=gce:first.q=0.3",
        "prune:first=gce:first.q=0.5",
    )
