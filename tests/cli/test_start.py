"""What a command line imports before it answers, and that nothing is lost by importing late."""

import inspect
import os
import subprocess
import sys

import pytest
import typer
from typer.main import get_command

from lsbench.cli.app import app
from lsbench.cli.commands import COMMANDS, loaded
from lsbench.names.registry import load
from tests.in_turn import in_turn


def imported_by(*arguments):
    """The modules that a command line has imported by the time it ends."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('MODULES', *sorted(sys.modules)))\n"
        f"sys.argv = ['lsbench', *{list(arguments)!r}]\n"
        "from lsbench.__main__ import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said, _, modules = done.stdout.rpartition("MODULES")
    return said, set(modules.split())


def test_the_version_is_told_before_anything_is_imported():
    said, modules = imported_by("--version")
    assert said.startswith("lsbench ")
    assert not {"typer", "click", "rich", "lsbench.cli.app", "importlib.metadata"} & modules


def test_help_imports_no_command_and_nothing_that_a_command_needs():
    said, modules = imported_by("--help")
    assert all(name in said for name in COMMANDS)
    ours = {name for name in modules if name.startswith("lsbench")}
    assert not {known.ref.partition(":")[0] for known in COMMANDS.values()} & ours
    assert (
        not {
            "lsbench.planning.plan",
            "lsbench.rows.store",
            "lsbench.names.catalogue",
            "lsbench.names.resolve",
            "lsbench.cli.options",
        }
        & ours
    )
    assert not {"numpy", "orjson", "torch", "pandas", "tomllib", "multiprocessing", "rich.progress"} & modules


def test_a_command_imports_no_other():
    _, modules = imported_by("list", "losses")
    assert "lsbench.cli.listing" in modules
    assert not {"lsbench.cli.run", "lsbench.cli.report", "lsbench.cli.speed", "lsbench.workers.local"} & modules


@in_turn("name", COMMANDS)
def test_what_help_says_of_a_command_is_its_docstrings_first_paragraph(name):
    paragraph = inspect.getdoc(load(COMMANDS[name].ref)).split("\n\n")[0]
    assert COMMANDS[name].help == " ".join(paragraph.split())
    listed, whole = get_command(app).commands[name], loaded(name)
    assert (listed.name, listed.help) == (name, COMMANDS[name].help)
    assert whole.name == name
    assert whole.params


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(lsbench, name):
    code, out, _ = lsbench(name, "--help")
    assert code == 0
    assert f"lsbench {name}" in out
    assert len(loaded(name).params) <= out.count("--") + out.count("[")


def test_a_command_that_is_none_is_told_the_nearest(lsbench):
    code, _, err = lsbench("decid")
    assert (code, "No such command 'decid'. Did you mean 'decide'?" in err) == (2, True)


def completed(words):
    """What bash would offer for the words typed so far, the last of them unfinished."""
    environment = {
        **os.environ,
        "_LSBENCH_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["lsbench", *words]),
        "COMP_CWORD": str(len(words)),
    }
    code = "import sys; sys.argv = ['lsbench']; from lsbench.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    return done.stdout.split()


def test_the_shell_completes_commands_options_and_values():
    assert completed(["re"]) == ["report", "rerun", "reproduce"]
    assert "--noise-kind" in completed(["run", "--noi"])
    assert completed(["run", "--schedule", "cos"]) == ["cosine"]
    assert completed(["list", "lo"]) == ["losses"]


def test_the_names_are_those_of_a_plain_typer_program_of_the_same_functions():
    plain = typer.Typer()
    for name, known in COMMANDS.items():
        plain.command(name)(load(known.ref))
    for name, command in get_command(plain).commands.items():
        assert [p.opts for p in command.params] == [p.opts for p in loaded(name).params]
