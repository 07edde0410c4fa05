"""The house rules of the design, as data: rooms, floors, and what may be imported where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lsbench"
FLOORS = {
    0: ["encoding", "errors"],
    1: [
        "catalogue",
        "dependencies",
        "devices",
        "executed",
        "fingerprint",
        "imports",
        "kernels",
        "lifeline",
        "plain",
        "provenance",
        "reference",
        "registry",
        "resolve",
        "row_parts",
        "seeding",
        "sketch",
        "spec",
        "tensors",
    ],
    2: [
        "batches",
        "data",
        "identities",
        "losses",
        "metrics",
        "models",
        "noise",
        "optimum",
        "objective",
        "precision",
        "recipes",
        "schedule",
        "selection",
        "statistics",
        "store",
        "study",
        "train",
    ],
    3: ["examine", "feasible", "measure", "per_example", "plan", "predict", "reproduction", "summary", "temperature"],
    4: ["adaptive", "condition", "contract", "cost", "decide", "pictures", "protocols", "run", "speed"],
    5: ["comparison", "report", "workers"],
    6: ["cli", "__init__", "__main__"],
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
KNOWN_NEIGHBOURS = {  # on one floor, and why they may know each other
    ("train", "models"),  # what it trains
    ("objective", "losses"),  # what it is made of
    ("objective", "models"),  # what their outputs must be
    ("train", "batches"),  # on what
    ("train", "schedule"),
    ("train", "precision"),  # a recipe's, in the loop
    ("devices", "spec"),  # the allowed words
    ("spec", "catalogue"),  # likewise
    ("catalogue", "registry"),
    ("reference", "registry"),
    ("reference", "fingerprint"),
    ("reference", "executed"),
    ("reference", "imports"),
    ("reference", "dependencies"),
    ("dependencies", "executed"),  # the sources of what an object uses
    ("dependencies", "fingerprint"),
    ("dependencies", "imports"),
    ("executed", "imports"),
    ("resolve", "catalogue"),  # from a name to what is known of it
    ("resolve", "reference"),
    ("resolve", "registry"),
    ("__main__", "cli"),
    ("measure", "predict"),  # measuring starts with predicting
    ("examine", "measure"),  # of the same predictions
    ("examine", "temperature"),
    ("per_example", "summary"),
    ("plan", "feasible"),  # what of a grid can't be trained
}
BLIND_TO_CELLS = ["losses", "metrics", "noise", "kernels", "statistics", "report"]
LEAN = [
    "lsbench.cli.app",
    "lsbench.plan",
    "lsbench.feasible",
    "lsbench.store",
    "lsbench.summary",
    "lsbench.report.build",
    "lsbench.report.speed_table",
    "lsbench.decide",
]


def modules():
    return sorted(PACKAGE.rglob("*.py"))


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
    assert {room_of(path) for path in modules()} <= set(FLOOR)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_strictly_down(path):
    room = room_of(path)
    for other, _ in imports_of(path):
        allowed = other == room or FLOOR[other] < FLOOR[room] or (room, other) in KNOWN_NEIGHBOURS
        assert allowed, f"{room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"


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
