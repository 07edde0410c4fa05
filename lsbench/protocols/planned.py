"""A protocol as it is to be trained: its studies as grids, with what the user typed in place of the protocol's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lsbench.errors import InputError
from lsbench.planning import lists, plan
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.study import as_values, grid_of
from lsbench.protocols.narrow import epochs_changed, keep_losses, keep_rates, narrow, published_in
from lsbench.protocols.protocol import Protocol, Published
from lsbench.protocols.read import names, read_protocol
from lsbench.protocols.reproduction import Reproduction, compare_published
from lsbench.rows.row import Row
from lsbench.spec import Arm, Cell, Grid

SCALED, OTHER_DATA = "scaled", "other data"


@dataclass(frozen=True)
class PlannedStudy:
    """A study of a protocol as it is to be trained, and the published numbers of its arms."""

    grid: Grid
    published: tuple[Published, ...]


def find(name: str | None, precision: str | None = None) -> Protocol:
    """The protocol of that name, which says so where the precision is not its own; `InputError` names the known."""
    if name is None:
        raise InputError(f"which protocol? known: {', '.join(names())}")
    protocol = read_protocol(name)
    said = (f"matrix products of precision {precision!r}",) if precision else ()
    return replace(protocol, deviations=(*protocol.deviations, *said))


def studies_of(
    protocol: Protocol, seeds: list[str] | None, dataset: str | None, precision: str | None
) -> list[PlannedStudy]:
    """The protocol's studies, with the options that were typed in place of their own."""
    if "dataset" in protocol.asks and dataset is None:
        raise InputError(f"{protocol.name} is for data of your own; say which with --dataset PATH")
    options = {"seeds": seeds or None, "dataset": None if dataset is None else [dataset], "precision": precision}
    typed = {name: value for name, value in options.items() if value is not None}
    studies = []
    for study in protocol.studies:
        own = tuple(one for one in protocol.published if one.study == study.name)
        studies.append(PlannedStudy(_whole(grid_of({**as_values(study.options), **typed}), own), own))
    return studies


def _whole(grid: Grid, published: Sequence[Published]) -> Grid:
    """The grid with all published arms, those that are the same function as another one too.

    `InputError` where a number would be of several data sets or arms.
    """
    if len(grid.datasets) > 1:
        raise InputError(f"a protocol is of one data set, got {', '.join(grid.datasets)}; reproduce them one by one")
    if len(plan.planned_models(grid)) > max(1, len(grid.models)):
        raise InputError(f"a protocol is of one recipe per model, got several values in {dict(grid.recipe)}")
    replaced = _replaced_arms(grid)
    for one in published:
        (arm,) = plan.arms_of(narrow(grid, one))
        if any(arm in replaced[rate == 0] for rate in grid.noise_rates):
            return replace(grid, dedupe=False)
    return grid


def _replaced_arms(grid: Grid) -> dict[bool, dict[Arm, Arm]]:
    return {clean: plan.same_functions(plan.arms_of(grid), clean=clean) for clean in (True, False)}


def kept_studies(
    studies: Sequence[PlannedStudy], only: list[str] | None, noise: list[str] | None
) -> list[PlannedStudy]:
    """The losses and noise rates of the studies that were asked for; `InputError` where there are none."""
    grids: list[Grid | None] = [study.grid for study in studies]
    if only:
        grids = keep_losses([study.grid for study in studies], lists.names("--only", only))
    if noise:
        grids = keep_rates(grids, lists.numbers("--noise", noise))
    return [
        replace(study, grid=grid, published=tuple(published_in(study.published, grid)))
        for study, grid in zip(studies, grids, strict=True)
        if grid is not None
    ]


def changes_of(
    protocol: Protocol, studies: Sequence[PlannedStudy], *, scale: float, epochs: int | None, dataset: str | None
) -> dict[str, str]:
    """What makes ours not comparable with what is published: in a word, and in a sentence."""
    changes = {}
    own = sorted({dict(study.grid.recipe)["epochs"] for study in studies})
    now = sorted({dict(epochs_changed(study.grid, epochs=epochs, scale=scale).recipe)["epochs"] for study in studies})
    if own != now:
        changes[SCALED] = f"a scaled run, of {_listed(now)} epochs instead of {_listed(own)}"
    if dataset is not None and "dataset" not in protocol.asks:
        changes[OTHER_DATA] = f"another data set, {dataset}"
    return changes


def scaled_studies(studies: Sequence[PlannedStudy], *, scale: float, epochs: int | None) -> list[PlannedStudy]:
    """The studies with other epochs."""
    return [replace(study, grid=epochs_changed(study.grid, epochs=epochs, scale=scale)) for study in studies]


def checked_grids(studies: Sequence[PlannedStudy]) -> list[CheckedGrid]:
    """Their grids, each checked before anything is trained."""
    return [plan.check(study.grid) for study in studies]


def compared(
    protocol: Protocol,
    studies: Sequence[PlannedStudy],
    rows: Sequence[Row],
    changes: Mapping[str, str],
    data_dir: Path | None,
) -> list[Reproduction]:
    """The published numbers of the studies, each beside the rows of its arm."""
    by_id, incomparable = {row.id: row for row in rows}, ", ".join(changes)
    return [
        compare_published(
            one, [by_id[cell.id] for cell in _cells(study, one, data_dir)], protocol.margin_of(one), incomparable
        )
        for study in studies
        for one in study.published
    ]


def count_cells(protocol: Protocol) -> int:
    """How many cells it has; no data is looked at."""
    return sum(_count(grid_of(as_values(study.options))) for study in protocol.studies)


def _count(grid: Grid) -> int:
    noises = {rate: len(grid.noises) if rate else 1 for rate in grid.noise_rates}  # without noise all kinds are one
    arms, replaced = plan.arms_of(grid), _replaced_arms(grid)
    each = len(grid.datasets) * max(1, len(grid.models)) * len(grid.seeds)
    return each * sum(noises[rate] * (len(arms) - len(replaced[rate == 0])) for rate in noises)


def _cells(study: PlannedStudy, published: Published, data_dir: Path | None) -> list[Cell]:
    return plan.expand(narrow(study.grid, published), data_dir)


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(map(str, numbers))
