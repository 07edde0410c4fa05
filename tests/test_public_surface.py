"""What may be relied on: the names in `__all__` of the public rooms. They are there, say what they are, and are all."""

import ast
import functools
import importlib
import inspect
import operator
import subprocess
import sys
from collections import defaultdict

import pytest

import lsbench
from lsbench.names import catalogue
from tests.in_turn import in_turn
from tests.pages import ROOT

PUBLIC = ["lsbench", *(f"lsbench.{room}" for room in ("losses", "kernels", "metrics", "noise", "statistics"))]
ROOMS = PUBLIC[1:]
TEMPERATURE = "lsbench.training.temperature"
TABLES = (catalogue.LOSSES, catalogue.METRICS, catalogue.NOISES)  # what is public by its name in a table


def without_a_sentence(home):
    """Public functions and classes that do not say what they are; a dataclass may not rely on the text it makes up."""
    for name in importlib.import_module(home).__all__:
        thing = getattr(importlib.import_module(home), name)
        said = inspect.getdoc(thing) or ""
        if inspect.isroutine(thing) or inspect.isclass(thing):
            yield from [name] * (not said or said.startswith(f"{name}("))


@in_turn("home", [*PUBLIC, TEMPERATURE])
def test_a_public_name_is_there_and_says_what_it_is(home):
    assert not list(without_a_sentence(home))


@in_turn("home", [*PUBLIC, TEMPERATURE])
def test_a_name_is_listed_once_and_in_order(home):
    names = importlib.import_module(home).__all__
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name))


@pytest.mark.parametrize("home", ROOMS)
def test_what_a_public_room_defines_is_listed_or_used_by_another_file(home):
    """Else its name should begin with an underscore."""
    listed = {*importlib.import_module(home).__all__}
    in_tables = {entry.ref for table in TABLES for entry in table.values()}
    unlisted = {
        f"{module}:{name}"
        for module, name in defined_in(home)
        if name not in listed and f"{module}:{name}" not in in_tables and not mentioned()[name] - {module}
    }
    assert not unlisted


def defined_in(home):
    """(module, name) of every public function and class of a room."""
    for path in sorted((ROOT / home.replace(".", "/")).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield module_of(path), node.name


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def mentions(path):
    """The names, attributes, imported names and texts of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.rpartition(":")[2]


@functools.cache
def mentioned():
    """name -> the modules that mention it."""
    modules = defaultdict(set)
    for room in ("lsbench", "tests"):
        for path in (ROOT / room).rglob("*.py"):
            for name in mentions(path):
                modules[name].add(module_of(path))
    return modules


@pytest.mark.parametrize("home", [*ROOMS, TEMPERATURE])
def test_the_page_of_the_python_api_shows_every_public_room(home):
    assert f"automodule:: {home}\n" in (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")


def test_the_package_itself_offers_compare_and_its_version():
    assert set(lsbench.__all__) == {"__version__", "compare"}
    assert callable(lsbench.compare)
    assert set(lsbench.__all__) <= set(dir(lsbench))


@pytest.mark.parametrize("home", ROOMS)
def test_an_unknown_name_is_the_usual_error(home):
    with pytest.raises(AttributeError, match="no_such_thing"):
        operator.attrgetter("no_such_thing")(importlib.import_module(home))


def test_the_import_paths_of_earlier_versions_work_and_the_one_that_moved_says_where_to():
    code = (
        "import warnings; warnings.simplefilter('always'); import lsbench.temperature as old;"
        "import lsbench.training.temperature as new;"
        "print(all(getattr(old, n) is getattr(new, n) for n in new.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert "DeprecationWarning: lsbench.temperature is now lsbench.training.temperature" in done.stderr
