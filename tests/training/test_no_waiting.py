"""A GPU works while the next step is being launched: no step reads a value or brings one, an epoch reads twice.

On a GPU that is none, see `fake_gpu`, so that what a CPU does is looked at, whatever the machine.
"""

from unittest import mock

import torch

from lsbench.planning import plan
from lsbench.spec import Grid, Place
from lsbench.training import stack
from lsbench.training.after_training import AfterTraining
from lsbench.training.stack import run_stack
from tests.in_turn import in_turn
from tests.training import small_trainings
from tests.training.fake_gpu import GPU, fake_gpu
from tests.training.small_trainings import trained

CASES = small_trainings.CASES | {  # a real GPU rounds otherwise in bfloat16
    "in bfloat16": {"precision": "bf16", "model": "cnn", "optimizer": "adam", "clip": 1.0}
}


@in_turn("case", CASES)
def test_no_step_waits_for_a_gpu_or_brings_it_anything_and_it_gives_what_a_cpu_gives(case):
    with fake_gpu() as gpu:
        weights = trained(**CASES[case], device=GPU)
    assert gpu.epochs == CASES[case].get("head_epochs", 0) + 2
    assert gpu.at("step") == {}
    assert set(gpu.at("after 1")) <= {"upload: to"}  # what the second epoch has drawn
    tolerance = 3e-3 if "precision" in CASES[case] else 3e-5  # six steps of 0.01, whose gradients round in bfloat16
    for own, expected in zip(weights, trained(**CASES[case]), strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-4, atol=tolerance)


def test_an_epoch_reads_a_gpu_twice_with_networks_that_are_trained_first():
    grid = Grid(
        losses=("forward", "backward", "prune", "relabel", "elr"),
        datasets=("blobs",),
        models=("linear",),
        noise_rates=(0.2,),
        seeds=(0, 1),
        train_size=60,
        recipe={"epochs": 3, "batch_size": 32, "clip": 1.0},
    )
    cells = tuple(plan.check(grid).cells())
    once = mock.patch.object(stack, "measure_after_training", return_value=[AfterTraining()] * len(cells))
    with once, fake_gpu() as gpu:
        rows = run_stack(cells, Place(device="cuda", engine="torch", per_example=False))
    assert {row.status for row in rows} == {"ok"}
    assert gpu.at("step") == {}
    epochs = [gpu.at(f"after {epoch}") for epoch in range(1, gpu.epochs)]
    assert epochs[-1] == {"read: tolist": 2, "upload: to": 1}  # the losses, and all that was measured


def test_what_waits_or_comes_from_elsewhere_is_seen():
    """The fake GPU itself."""
    mask = torch.tensor([True, False])
    with fake_gpu() as gpu:
        values = torch.arange(2.0).to("cuda")
        doubled = values * 2
        assert doubled.device == GPU
        assert (doubled.sum().item(), bool(doubled[1] > 1), doubled.cpu().device.type) == (2.0, True, "cpu")
        assert values[mask].tolist() == [0.0]
        torch.tensor([1.0], device="cuda")
        doubled + torch.ones(2)  # which a real one refuses
    assert gpu.at("before") == {
        "copy: to": 1,
        "read: _local_scalar_dense": 2,
        "read: cpu": 1,
        "copy: index": 1,
        "read: index": 1,
        "read: tolist": 1,
        "copy: tensor": 1,
        "two devices: add": 1,
    }
