"""The steps of `lsbench reproduce`: what of a protocol is asked for, training it, comparing it, showing it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lsbench.cli import values
from lsbench.cli.fetch import fetch
from lsbench.cli.options import LISTS, Asked, as_typed
from lsbench.cli.plan import cost_as_json, cost_of, show_plan
from lsbench.cli.run import train
from lsbench.cli.show import chosen, show_tables, show_text
from lsbench.cli.worker_options import worker_options
from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.study import Value
from lsbench.protocols import (
    Protocol,
    Published,
    Reproduction,
    compare_published,
    epochs_changed,
    keep_losses,
    keep_rates,
    names,
    narrow,
    published_in,
    read_protocol,
)
from lsbench.report import tables
from lsbench.report.reproduction_table import as_json as reproduction_json
from lsbench.report.reproduction_table import protocols_text, provenance_of, reproduction_table
from lsbench.rows.row import Row
from lsbench.spec import Cell, Grid, Place

SCALED, OTHER_DATA = "scaled", "other data"


@dataclass(frozen=True)
class Part:
    """A study of a protocol as it is to be trained, and the published numbers of its arms."""

    asked: Asked
    grid: Grid
    published: tuple[Published, ...]


def find(name: str | None, precision: str | None = None) -> Protocol:
    """The protocol of that name, which says so where the precision is not its own; `InputError` names the known."""
    if name is None:
        raise InputError(f"which protocol? known: {', '.join(names())}")
    protocol = read_protocol(name)
    said = (f"matrix products of precision {precision!r}",) if precision else ()
    return replace(protocol, deviations=(*protocol.deviations, *said))


def parts_of(
    protocol: Protocol, where: Asked, seeds: list[str] | None, dataset: str | None, precision: str | None
) -> list[Part]:
    """The protocol's studies as `run` would be asked for them."""
    if "dataset" in protocol.asks and dataset is None:
        raise InputError(f"{protocol.name} is for data of your own; say which with --dataset PATH")
    parts = []
    for study in protocol.studies:
        asked = asked_of(study.options, where)
        if seeds:
            asked = replace(asked, seeds=seeds)
        if dataset is not None:
            asked = replace(asked, dataset=[dataset])
        if precision is not None:
            asked = replace(asked, precision=precision)
        own = tuple(one for one in protocol.published if one.study == study.name)
        parts.append(Part(asked, _whole(asked.grid(), own), own))
    return parts


def _whole(grid: Grid, published: Sequence[Published]) -> Grid:
    """The grid with all published arms, those that are the same function as another one too.

    `InputError` where a number would be of several data sets or arms.
    """
    if len(grid.datasets) > 1:
        raise InputError(f"a protocol is of one data set, got {', '.join(grid.datasets)}; reproduce them one by one")
    for one in published:
        (arm,) = plan.arms_of(narrow(grid, one))
        if any(arm in plan.same_functions(grid, clean=rate == 0) for rate in grid.noise_rates):
            return replace(grid, dedupe=False)
    return grid


def asked_of(options: Mapping[str, Value], where: Asked) -> Asked:
    """A study's options as the command line would have brought them."""
    typed = {word: as_typed(word, value) if word in LISTS else value for word, value in options.items()}
    return replace(where, **typed)


def kept_parts(parts: Sequence[Part], only: list[str] | None, noise: list[str] | None) -> list[Part]:
    """The part of the protocol that was asked for; `InputError` where nothing of it is."""
    grids: list[Grid | None] = [part.grid for part in parts]
    if only:
        grids = keep_losses([part.grid for part in parts], values.names("--only", only))
    if noise:
        grids = keep_rates(grids, values.numbers("--noise", noise))
    return [
        replace(part, grid=grid, published=tuple(published_in(part.published, grid)))
        for part, grid in zip(parts, grids, strict=True)
        if grid is not None
    ]


def changes_of(
    protocol: Protocol, parts: Sequence[Part], *, scale: float, epochs: int | None, dataset: str | None
) -> dict[str, str]:
    """What makes ours not comparable with what is published: in a word, and in a sentence."""
    found = {}
    own = sorted({dict(part.grid.recipe)["epochs"] for part in parts})
    now = sorted({dict(epochs_changed(part.grid, epochs=epochs, scale=scale).recipe)["epochs"] for part in parts})
    if own != now:
        found[SCALED] = f"a scaled run, of {_listed(now)} epochs instead of {_listed(own)}; shown to look at, no more"
    if dataset is not None and "dataset" not in protocol.asks:
        found[OTHER_DATA] = f"another data set, {dataset}"
    return found


def scaled_parts(parts: Sequence[Part], *, scale: float, epochs: int | None) -> list[Part]:
    """The parts with other epochs, each checked before anything is trained."""
    changed = [replace(part, grid=epochs_changed(part.grid, epochs=epochs, scale=scale)) for part in parts]
    for part in changed:
        plan.validate(part.grid)
    return changed


def show_plans(parts: Sequence[Part], *, as_json: bool) -> None:
    """What each study would take."""
    if as_json:
        print(json.dumps([cost_as_json(cost_of(part.asked, part.grid)[0]) for part in parts], indent=1))
        return
    for part in parts:
        show_plan(part.asked, part.grid)


def train_parts(parts: Sequence[Part], where: Asked) -> list[Row]:
    """The rows of all parts' cells, those that were missing trained first."""
    device, workers = worker_options(where, parts[0].grid)
    place = Place(device=device, data_dir=where.data_dir, per_example=True)
    for part in parts:
        fetch(part.grid, where.data_dir, download=where.download)
    cells = [plan.expand(part.grid, where.data_dir) for part in parts]
    return [
        row
        for part, of in zip(parts, cells, strict=True)
        for row in train(of, place, where.results, workers, where.rerun, part.grid)
    ]


def compared(
    protocol: Protocol, parts: Sequence[Part], rows: Sequence[Row], changes: Mapping[str, str]
) -> list[Reproduction]:
    """The published numbers of the parts, each beside the rows of its arm."""
    by_id, incomparable = {row.id: row for row in rows}, ", ".join(changes)
    return [
        compare_published(one, [by_id[cell.id] for cell in _cells(part, one)], protocol.margin_of(one), incomparable)
        for part in parts
        for one in part.published
    ]


def show(
    protocol: Protocol,
    found: Sequence[Reproduction],
    changes: Sequence[str],
    form: str,
    columns: Sequence[str] | None = None,
) -> None:
    """The table, as text, markdown or latex, or everything in it as json."""
    if form == "json":
        head = {"protocol": protocol.name, "title": protocol.title, "source": protocol.source, "changes": list(changes)}
        rest = {"deviations": list(protocol.deviations), "found": [reproduction_json(one) for one in found]}
        print(json.dumps({**head, **rest}, indent=1))
    else:
        made = [reproduction_table(protocol, found, changes)]
        if form == "table":
            show_tables(made, columns)
        else:
            print(getattr(tables, form)(chosen(made, columns)).rstrip())


def show_list(*, as_json: bool) -> None:
    """The package's protocols, with their numbers of cells."""
    known = [(protocol, count_cells(protocol)) for protocol in map(read_protocol, names())]
    if as_json:
        print(json.dumps([_listing(protocol, cells) for protocol, cells in known], indent=1))
    else:
        show_text(protocols_text(known).splitlines())


def count_cells(protocol: Protocol) -> int:
    """How many cells it has; no data is looked at."""
    return sum(_count(asked_of(study.options, Asked()).grid()) for study in protocol.studies)


def _count(grid: Grid) -> int:
    noises = {rate: len(grid.noises) if rate else 1 for rate in grid.noise_rates}  # without noise all kinds are one
    arms = {rate: len(plan.arms_of(grid)) - len(plan.same_functions(grid, clean=rate == 0)) for rate in noises}
    each = len(grid.datasets) * len(grid.models) * len(grid.seeds)
    return each * sum(noises[rate] * arms[rate] for rate in noises)


def _listing(protocol: Protocol, cells: int) -> dict:
    head = {"name": protocol.name, "title": protocol.title, "source": protocol.source, "cells": cells}
    return {**head, "published": len(protocol.published), "provenance": provenance_of(protocol)}


def _cells(part: Part, published: Published) -> list[Cell]:
    return plan.expand(narrow(part.grid, published), part.asked.data_dir)


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(map(str, numbers))
