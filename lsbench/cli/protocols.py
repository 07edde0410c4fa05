"""Protocols on the command line: what their studies take, training them, the table, and the list of them."""

import json
from collections.abc import Sequence
from typing import Any

from lsbench.cli.fetch import fetch
from lsbench.cli.options import RunOptions
from lsbench.cli.plan import estimate_as_json, estimate_of, show_plan
from lsbench.cli.run import Training, train
from lsbench.cli.show import chosen, show_tables, show_text
from lsbench.cli.worker_options import worker_options
from lsbench.planning.plan import CheckedGrid
from lsbench.protocols import Protocol, Reproduction, names, read_protocol
from lsbench.protocols.planned import count_cells
from lsbench.report import tables
from lsbench.report.reproduction_table import as_json as reproduction_json
from lsbench.report.reproduction_table import protocols_text, provenance_of, reproduction_table
from lsbench.rows.row import Row
from lsbench.spec import Place


def show_plans(grids: Sequence[CheckedGrid], where: RunOptions, *, as_json: bool) -> None:
    """What each study would take."""
    if as_json:
        print(json.dumps([estimate_as_json(estimate_of(where, grid)[0]) for grid in grids], indent=1))
        return
    for grid in grids:
        show_plan(where, grid)


def train_grids(grids: Sequence[CheckedGrid], where: RunOptions) -> list[Row]:
    """The rows of all cells of the studies; those that have no row are trained first."""
    device, workers = worker_options(where, grids[0].grid)
    place = Place(device=device, data_dir=where.data_dir, per_example=True)
    for checked in grids:
        fetch(checked.grid, where.data_dir, download=where.download)
    trainings = [
        Training(checked.cells(where.data_dir), place, workers, where.results, where.rerun, checked)
        for checked in grids
    ]
    return [row for training in trainings for row in train(training)]


def show(
    protocol: Protocol,
    reproductions: Sequence[Reproduction],
    changes: Sequence[str],
    form: str,
    columns: Sequence[str] | None = None,
) -> None:
    """The table, as text, markdown or latex, or everything in it as json."""
    if form == "json":
        head = {"protocol": protocol.name, "title": protocol.title, "source": protocol.source, "changes": list(changes)}
        rest = {"deviations": list(protocol.deviations), "found": [reproduction_json(one) for one in reproductions]}
        print(json.dumps({**head, **rest}, indent=1))
    else:
        made = [reproduction_table(protocol, reproductions, changes)]
        if form == "table":
            show_tables(made, columns)
        else:
            print(getattr(tables, form)(chosen(made, columns)).rstrip())


def show_list(*, as_json: bool) -> None:
    """The package's protocols, with their numbers of cells."""
    protocols = [(protocol, count_cells(protocol)) for protocol in map(read_protocol, names())]
    if as_json:
        print(json.dumps([_listing(protocol, cells) for protocol, cells in protocols], indent=1))
    else:
        show_text(protocols_text(protocols).splitlines())


def _listing(protocol: Protocol, cells: int) -> dict[str, Any]:
    head = {"name": protocol.name, "title": protocol.title, "source": protocol.source, "cells": cells}
    return {**head, "published": len(protocol.published), "provenance": provenance_of(protocol)}
