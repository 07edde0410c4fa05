"""The networks compiled for ARM's NEON, and run by an emulator, give what torch gives here."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
import torch

from lsbench.training.lanes.architecture import architecture_of
from lsbench.training.lanes.compiler import FLAGS, HEADERS
from lsbench.training.lanes.source import source_of
from tests.training.lanes.lane_cases import NETWORKS, copies_of, inputs_of, needs_compiler, pair

CROSS, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"
pytestmark = [
    needs_compiler,
    pytest.mark.skipif(
        not (shutil.which(CROSS) and shutil.which(EMULATOR)),
        reason=f"NEON: there is no {CROSS} or no {EMULATOR} here (Debian: g++-aarch64-linux-gnu, qemu-user)",
    ),
]
LANES, BATCH = 8, 5  # two registers of NEON
MAIN = Path(__file__).with_name("once.cpp")
WARNINGS = ("-Wall", "-Wextra", "-Werror")


def program(name, folder):
    """The network for an ARM processor, as a program of its own."""
    source, made = folder / f"{name}.cpp", folder / name
    network = architecture_of(copies_of(name, [0])[0], NETWORKS[name][1])
    source.write_text(source_of(network) + MAIN.read_text())
    options = [flag for flag in FLAGS if flag not in ("-shared", "-fPIC")]
    command = [CROSS, *options, *WARNINGS, "-static", f"-DLANES={LANES}", "-I", HEADERS, source, "-o", made]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made


def packed(values):
    """Numbers (lanes, ...), with the lanes innermost, after how many there are of each lane."""
    numbers = values.detach().movedim(0, -1).contiguous()
    return struct.pack("<q", numbers.numel() // LANES) + numbers.numpy().tobytes()


def listed(tensors):
    return struct.pack("<q", len(tensors)) + b"".join(map(packed, tensors))


def unpacked(numbers, shapes):
    """Tensors (lanes, ...) of these shapes, one after the other."""
    parts = numbers.split([shape.numel() for shape in shapes])
    return [part.view(*shape[1:], LANES).movedim(-1, 0) for part, shape in zip(parts, shapes, strict=True)]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pass_and_its_gradient_on_arm_differ_from_torch_by_rounding(name, tmp_path):
    own, other = (model.train() for model in pair(name, range(LANES), LANES))
    x, _ = inputs_of(name, LANES, BATCH)
    slopes = torch.randn(LANES, BATCH, NETWORKS[name][2])
    statistics = [norm.get_buffer(each) for norm in own._norms for each in ("running_mean", "running_var")]
    masks = [mask.movedim(-1, 0) for mask in own._masks(BATCH)]
    head = struct.pack("<qqq", BATCH, x[0].numel(), x[0].numel()) + x.numpy().tobytes()
    given, made = tmp_path / "given", tmp_path / "made"
    given.write_bytes(b"".join([head, *map(listed, (own._in_order, statistics, masks)), packed(slopes)]))
    subprocess.run([EMULATOR, program(name, tmp_path), given, made], check=True)

    logits = other(x)
    expected = [logits.detach(), *torch.autograd.grad(logits, in_order(own, other), slopes)]
    expected += [dict(other.named_buffers())[path] for path in buffer_paths(own, statistics)]
    numbers = torch.frombuffer(bytearray(made.read_bytes()), dtype=torch.float32)
    for a, b in zip(unpacked(numbers, [each.shape for each in expected]), expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-5 * float(b.abs().max().clamp(min=1)))


def in_order(own, other):
    """Torch's parameters in the order of the network's."""
    return [other.get_parameter(f"layers.{path}") for path in own.network.parameters]


def buffer_paths(own, statistics):
    paths = {id(value): path for path, value in own.named_buffers()}
    return [paths[id(value)] for value in statistics]
