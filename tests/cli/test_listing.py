"""What `lsbench list` says."""

import json
from importlib.metadata import EntryPoint

import pytest

from lsbench.cli import listing
from lsbench.names import catalogue
from lsbench.planning.identities import IDENTITIES
from lsbench.planning.recipes import names as recipe_names


@pytest.mark.parametrize("what", ["losses", "models", "datasets", "noises", "metrics"])
def test_every_entry_has_its_line_with_its_source(lsbench, what):
    code, out, _ = lsbench("list", what)
    entries = getattr(catalogue, what.upper())
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert (code, set(lines)) == (0, set(entries))
    assert all(f"({entry.source})" in lines[name] for name, entry in entries.items())
    assert json.loads(lsbench("list", what, "--json")[1]).keys() == entries.keys()


def test_recipes_and_identities_are_listed(lsbench):
    assert [line.split()[0] for line in lsbench("list", "recipes")[1].splitlines()] == list(recipe_names())
    out = lsbench("list", "losses", "--identities")[1]
    assert len(out.splitlines()) == len(IDENTITIES)
    assert "sce = poly1: alpha = 1, poly = 9.2103 beta (value and gradient)" in out
    assert lsbench("list", "models", "--identities")[0] == 2


def test_installed_plugins_are_listed(lsbench, monkeypatch):
    found = EntryPoint("tilted", "their.package:tilted", "lsbench.losses")
    monkeypatch.setattr(listing, "plugins", lambda kind: {"tilted": found} if kind == "loss" else {})
    assert "their.package:tilted (a plugin of yours)" in lsbench("list", "losses")[1].splitlines()[-1]
    assert json.loads(lsbench("list", "losses", "--json")[1])["tilted"]["ref"] == "their.package:tilted"
    assert "plugin" not in lsbench("list", "noises")[1]
