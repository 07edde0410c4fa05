"""The house rules of the design, as data: rooms, floors, and what may be imported where."""

import ast
import graphlib
import re
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
LEAN = [  # `plan`, `report` and `list` import these
    "lsbench.cli.app",
    "lsbench.planning.plan",
    "lsbench.planning.feasible",
    "lsbench.rows.store",
    "lsbench.analysis.summary",
    "lsbench.report.build",
    "lsbench.report.speed_table",
    "lsbench.analysis.decide",
]

FORMULAS_WITHOUT_TORCH = {  # they reckon with what losses and metrics compute, and yet live beside those who ask them
    "lsbench.rows.sketch": "a report takes an ECE from a row's histogram; metrics, which fills it, needs torch",
    "lsbench.analysis.optimum": "a report shows what a perfect fit of each loss would have; losses needs torch",
    "lsbench.planning.identities": "a plan leaves out a loss that is the function of another one; losses needs torch",
}
WITHOUT_TORCH = ["names", "planning", "rows", "analysis", "protocols", "report", "speed", "noise", "data", "cli"]


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


@in_turn("room", BLIND_TO_CELLS)
def test_tools_never_see_a_cell(room):
    for path in modules():
        if room_of(path) == room:
            assert not any("Cell" in names for _, names in imports_of(path)), path


@pytest.mark.parametrize("module", LEAN)
def test_what_must_start_quickly_imports_neither_torch_nor_pandas(module):
    code = f"import sys, {module}; print([m for m in ('torch', 'pandas', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("module", FORMULAS_WITHOUT_TORCH)
def test_what_reckons_with_losses_for_a_plan_or_a_report_does_so_without_torch(module):
    """Else `plan`, `report` and `list` would wait seconds for torch; so they stay out of rooms that import it."""
    assert "torch" not in imported_with(module)


def test_rooms_that_plan_report_and_list_import_do_not_import_torch():
    assert "torch" not in imported_with(*(f"lsbench.{room}" for room in WITHOUT_TORCH))


def imported_with(*modules):
    """The packages that are there once these modules are imported."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_help_imports_no_numpy_either():
    code = (
        "import sys, lsbench.cli.app; print([m for m in ('numpy', 'PIL', 'multiprocessing.spawn') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_no_file_outgrows_its_one_idea():
    files = [*modules(), *Path(__file__).parent.rglob("*.py")]
    long = {path.name: lines for path in files if (lines := len(path.read_text().splitlines())) > 300}
    assert not long, "a file that passes 300 lines becomes two, or a folder"


@in_turn("path", sorted(PACKAGE.rglob("__init__.py")))
def test_every_room_says_in_two_sentences_or_more_what_is_in_it_and_what_is_not(path):
    first, *rest = re.split(r"[.;](?=\s|$)", ast.get_docstring(ast.parse(path.read_text())))
    assert len(first) > 20
    assert sum(len(sentence) > 20 for sentence in rest) >= 1


def module_graph():
    """What each module of the package imports of the others, imports inside functions included."""
    names = {path: ".".join(("lsbench", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in modules()}
    names = {path: name.removesuffix(".__init__") for path, name in names.items()}
    return {name: set(_imported(path, {*names.values()})) - {name} for path, name in names.items()}


def _imported(path, names):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (inner & names) or ({node.module} & names)


def test_no_two_modules_import_each_other_in_a_circle():
    order = graphlib.TopologicalSorter(module_graph())
    order.prepare()  # raises a CycleError that names the circle


EMPTY_NAMES = {"of", "found", "known", "seen"}  # of variables: they do not say what they hold


def variables_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def test_a_variable_says_what_it_holds():
    empty = {path: names for path in modules() if (names := EMPTY_NAMES & set(variables_of(path)))}
    assert not empty
