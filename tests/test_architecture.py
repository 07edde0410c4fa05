"""The house rules of the design, as data: rooms, floors, and what may be imported where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.in_turn import in_turn

PACKAGE = Path(__file__).parent.parent / "lsbench"
FLOORS = {  # a room imports from the floors below its own only; there are no exceptions
    0: ["errors", "seeding", "version"],
    1: ["names"],
    2: ["data", "kernels", "spec", "statistics"],
    3: ["losses", "models", "noise", "rows"],
    4: ["metrics", "planning"],
    5: ["analysis", "training"],
    6: ["protocols", "workers"],
    7: ["speed"],
    8: ["report"],
    9: ["api", "cli"],
    10: ["__init__", "__main__"],
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
OLD_NAMES = ["temperature"]  # import paths of 0.2.0 that go on working
BLIND_TO_CELLS = ["losses", "metrics", "noise", "kernels", "statistics", "report"]
LEAN = [
    "lsbench.cli.app",
    "lsbench.planning.plan",
    "lsbench.planning.feasible",
    "lsbench.rows.store",
    "lsbench.analysis.summary",
    "lsbench.report.build",
    "lsbench.report.speed_table",
    "lsbench.analysis.decide",
]


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def rooms():
    return [path for path in modules() if room_of(path) not in OLD_NAMES]


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """(room, names) of everything that a file imports from the package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lsbench":
            parts = node.module.split(".")[1:]
            if parts:
                yield parts[0], [alias.name for alias in node.names]
            else:
                yield from ((alias.name, [alias.name]) for alias in node.names if not alias.name.startswith("__"))


def test_every_room_has_a_floor():
    assert {room_of(path) for path in modules()} == {*FLOOR, *OLD_NAMES}


@in_turn("path", rooms())
def test_imports_point_strictly_down(path):
    room = room_of(path)
    for other, _ in imports_of(path):
        assert other == room or FLOOR[other] < FLOOR[room], (
            f"{room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"
        )


@pytest.mark.parametrize("room", BLIND_TO_CELLS)
def test_tools_never_see_a_cell(room):
    for path in modules():
        if room_of(path) == room:
            assert not any("Cell" in names for _, names in imports_of(path)), path


@pytest.mark.parametrize("module", LEAN)
def test_what_must_start_quickly_imports_neither_torch_nor_pandas(module):
    code = f"import sys, {module}; print([m for m in ('torch', 'pandas', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_help_imports_no_numpy_either():
    code = (
        "import sys, lsbench.cli.app; print([m for m in ('numpy', 'PIL', 'multiprocessing.spawn') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_no_file_outgrows_its_one_idea():
    long = {str(path.relative_to(PACKAGE)): n for path in modules() if (n := len(path.read_text().splitlines())) > 300}
    assert not long, "a room that passes 300 lines becomes a folder"
