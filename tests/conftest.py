"""One thread per process, set before torch is imported: processes of several threads each slow each other down.

Nothing here imports torch before a test does: pytest's first process, which hands the tests out, needs none.
"""

import gc
import os

os.environ["OMP_NUM_THREADS"] = "1"

import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from html import escape

import pytest

from lsbench.cli.app import main
from lsbench.cli.stopping import SIGNALS
from tests import one_process, quick

gc.disable()  # until the tests are collected: what is imported stays

LONGEST = (
    "test_ray",
    "test_survival",
    "test_local",
    "test_commands_as_processes",
    "test_triton_kernel",
    "test_docs_examples",
    "test_page_in_browser",
    "test_speed_command",
    "test_torchvision_models",
    "test_figures",
    "test_commands",
    "test_neon",
    "test_labels_as_given",
    "test_benchmarks",
    "test_wheel",
    "test_api",
    "test_loss_contract",
    "test_compiled_kernel",
    "test_public_surface",
    "test_architecture",
    "test_no_waiting",
    "test_speed_study",
)
BUILD = "from lsbench.kernels import cpp; cpp.build()"
BUILDER = pytest.StashKey[subprocess.Popen]()


def pytest_addoption(parser):
    parser.addoption(
        "--quick", action="store_true", help="skip a test as soon as it begins something that takes seconds"
    )


def pytest_ignore_collect(collection_path, config):
    """Not a file that `make quick` would skip whole; None leaves the others to pytest."""
    return (config.getoption("quick") and collection_path.stem in quick.WHOLE_FILES) or None


def pytest_collection_modifyitems(items):
    """The files that take longest first, so that no process is left alone with them in the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_collection_finish(session):
    """Let the C++ kernel be built beside the first files, which mostly wait for processes, until its tests come."""
    gc.freeze()
    gc.enable()
    first = os.environ.get("PYTEST_XDIST_WORKER") == "gw0" and not session.config.getoption("quick")
    if first and any(item.path.parent.name == "kernels" for item in session.items) and can_build():
        session.config.stash[BUILDER] = subprocess.Popen([sys.executable, "-c", BUILD], stderr=subprocess.DEVNULL)


def can_build():
    from lsbench.kernels import cpp

    return not cpp.why_not()


def pytest_sessionfinish(session):
    if builder := session.config.stash.get(BUILDER, None):
        builder.kill()
        builder.wait()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    """See `quick`."""
    here = session.config.getoption("quick") and session.items  # xdist's first process runs none
    with quick.only() if here else nullcontext():
        return (yield)


def pytest_runtest_setup(item):
    quick.begin(item)


@pytest.fixture(autouse=True)
def seeded():
    """What a test draws without a generator of its own is the same each time it runs."""
    import torch

    torch.default_generator.manual_seed(0)


@pytest.fixture(scope="module")
def a_quarter_of_the_toy_data():
    """To check that a loss is learned with: a linear model learns from 500 examples, too."""
    from lsbench.data.dataset import load
    from lsbench.training.contract import loss

    whole = load("blobs")
    few = replace(whole, images=whole.images[:500], labels=whole.labels[:500])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss, "load", lambda _: few)
        yield


@pytest.fixture
def lsbench(monkeypatch, capsys, tmp_path):
    """Run the command line in this process and an empty folder: (exit code, stdout, stderr).

    It trains in this process too.
    """
    monkeypatch.chdir(tmp_path)
    one_process.use(monkeypatch)
    handlers = {number: signal.getsignal(number) for number in SIGNALS}

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["lsbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def figures_as_words(monkeypatch):
    """A page has the words of each figure, and a figure's file is empty: `tests/report/test_figures.py` draws them.

    Drawing is most of what a page costs.
    """
    quick.leave_out_parts("draws a figure")
    from matplotlib.text import Text

    from lsbench.report import assemble

    def words(figure):
        return f"<svg>{escape(' '.join(text.get_text() for text in figure.findobj(Text)))}</svg>"

    monkeypatch.setattr(assemble, "to_svg", words)
    monkeypatch.setattr(assemble, "save", lambda figure, path: path.touch())
