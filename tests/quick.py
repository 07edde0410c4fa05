"""`make quick`: what each room computes, one by one, and one way through the whole.

A test is skipped at the moment it begins something that takes seconds, so that nobody has to keep a list of the slow
ones. It starts a process (Python with torch, a Ray cluster, a browser, a compiler), trains by the command line or by
`compare`, on real images or for more than 150 steps, builds a large network, imports torch's compiler (which also its
profiler, its checks of operators and its own optimisers do: see `lsbench.training.eager_optimizer`), draws a figure,
compares speeds, stands in for a GPU, reads a large file or this project's source or docs, or says so by `leave_out`.
Two marks are set by hand: what repeats random trials is a `simulation` (`simulations.py`), which the Makefile leaves
out; the one test that is the way through the `whole` may train by the command line and draw.
"""

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import pytest

AT_ONCE = {"git", "uname", "sh"}  # programs that take milliseconds
WHOLE_FILES = {  # of which every test would be skipped (of Ray's all but one): not importing them saves seconds
    "test_suspects_command",
    "test_torchvision_models",
    "test_page_in_browser",
    "test_look_page",
    "test_speed_study",
    "test_docs_names",
    "test_docs_examples",
    "test_docs_embeddings",
    "test_bits",
    "test_neon",
    "test_readme_loss",
    "test_commands_as_processes",
    "test_kernel_transforms",
    "test_compiled_kernel",
    "test_triton_kernel",
    "test_lost_losses",
    "test_large_folder",
    "test_figures",
    "test_what_can_be_recorded",
    "test_published_networks",
    "test_no_waiting",
    "test_train_on_changed_labels",
    "test_unbalanced_data",
    "test_reversed_order",
    "test_unknown_noise",
    "test_ray",
    "test_walk",
    "test_wheel",
}
COMPILER = "torch._dynamo"
LARGEST = 500_000  # weights of one convolution
LARGE_FILE = 5_000_000  # bytes: the images of a published data set
MOST = 150  # steps of training in one test
PROJECT = Path(__file__).parent.parent

active = whole = False
steps = 0  # of training, in this test


@contextmanager
def only():
    """Skip each test that begins something which takes seconds, and no other."""
    global active, whole, steps
    before, active, whole, steps = active, True, False, 0
    try:
        with ExitStack() as patches:
            for door in doors():
                patches.enter_context(door)
            yield
    finally:
        active = before


def begin(item):
    """Say which test it is that comes."""
    global whole, steps
    whole, steps = item.get_closest_marker("whole") is not None, 0


def doors():
    """By which a test comes to what takes seconds; imported here, so that other runs of tests start sooner."""
    from matplotlib.figure import Figure
    from torch import nn

    from lsbench import api
    from lsbench.training.batches import Examples

    return (
        before(subprocess.Popen, "__init__", lambda _, args, *rest, **options: start(args)),
        before(BaseProcess, "start", lambda _: start("Python")),
        patch("torch.compile", lambda *_, **__: leave_out("compiles")),
        patch.object(sys, "meta_path", [Imports, *sys.meta_path]),
        before(nn.Conv2d, "reset_parameters", convolve),
        before(Examples, "batch", count_step),
        before(Figure, "savefig", lambda *_, **__: leave_out_parts("draws a figure")),
        before(api, "rows_of", lambda *_: leave_out_parts("trains by `compare`")),
        before(Path, "read_text", lambda path, *_, **__: read(path)),
        before(Path, "read_bytes", read_bytes),
    )


class Imports:
    """What Python asks first for a module that is not imported yet."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == COMPILER:
            leave_out("imports torch's compiler")


def before(owner, name, check):
    """The function as it was, after a look at what it is called with."""
    call = getattr(owner, name)

    @wraps(call)
    def checked(*arguments, **options):
        check(*arguments, **options)
        return call(*arguments, **options)

    return patch.object(owner, name, checked)


def start(args):
    program = Path(args.split()[0] if isinstance(args, str) else args[0]).name
    if program not in AT_ONCE:
        leave_out(f"starts a process ({program})")


def convolve(layer):
    if layer.weight.numel() > LARGEST:
        leave_out("builds a large network")


def count_step(*_, **__):
    global steps
    steps += 1
    if steps > MOST:
        leave_out("trains for long")


def read(path):
    if path.suffix in (".py", ".md") and path.is_relative_to(PROJECT):
        leave_out("reads the source or the docs")


def read_bytes(path):
    if path.exists() and path.stat().st_size > LARGE_FILE:
        leave_out("reads a large file")


def leave_out_parts(what):
    """Skip a test before what only the way through the whole may do."""
    if not whole:
        leave_out(what)


def leave_out(what):
    """Skip a test before something that takes seconds."""
    if active:
        pytest.skip(f"{what}, which --quick leaves out")
