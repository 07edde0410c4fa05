"""`--from results --top 2`: the losses of a run are the best of a cheaper study; what else is not given is as there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsbench.analysis.criteria import full_name
from lsbench.analysis.picking import require_held_out
from lsbench.analysis.screening import DEFAULT_TOP, Chosen, carried_options, choose_arms, new_seeds, rows_of_one_place
from lsbench.analysis.summary import Setting
from lsbench.cli.say import say
from lsbench.errors import InputError, require_whole
from lsbench.names.encoding import command_line
from lsbench.names.reference import IN_PROCESS
from lsbench.planning.lists import names, seed_count
from lsbench.planning.study import CHOSEN, grid_of
from lsbench.report.chosen import choice_text
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import RECIPE_SETTINGS, Cell, Grid, Screening

NUMBERED = 4  # of these seeds each is named


def chosen_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The losses that a cheaper study chose, and what else goes on from there; both are said.

    Args:
        given: the options that were given, by the field of `RunOptions`.

    Returns:
        What takes their place, by field.

    Raises:
        InputError: options that do not go together, or a folder that nothing can be chosen from.
    """
    _require_compatible(given)
    source, top, by = str(given["from_"]), given.get("top", DEFAULT_TOP), full_name(given.get("by", "accuracy"))
    require_whole("--top", top, 1, 10**6)
    require_held_out(by, "--from")
    rows = rows_of_one_place(_rows_below(Path(source)), source, grid_of(given), given)
    chosen = choose_arms(rows, source, top, by)
    _require_trainable(chosen)
    carried = {**carried_options(rows, given), "seeds": _seeds(given, chosen.screening)}
    for sentence in (choice_text(chosen), _carried_text(carried, given, chosen.screening)):
        say(sentence)
    asked = dict.fromkeys(("from_", "top", "by"))
    return {**asked, **carried, "loss": chosen.losses, "screening": chosen.screening}


def require_apart(screening: Screening, cells: Sequence[Cell], out: Path) -> None:
    """Raise an `InputError` where these cells would be compared with those of the study that chose their losses.

    In one folder and one setting the losses that were chosen would have more seeds than the others, because of what
    these seeds showed: no claim about such a mixture has a known error rate.
    """
    if Path(screening.source).resolve() != out.resolve():
        return
    cheap = {Setting.of(row.cell) for row in store.read(out)[0] if row.screening != screening.as_json()}
    if any(Setting.of(cell) in cheap for cell in cells):
        raise InputError(
            f"{out} has this model and recipe already: the study that chose the losses; give another model or recipe,"
            f" or another folder, as --out {out}-top{screening.top}"
        )


def _carried_text(carried: Mapping[str, Any], given: Mapping[str, Any], screening: Screening) -> str:
    """The options that were not given, as they could have been typed."""
    shown = {name: value for name, value in carried.items() if name not in given and name != "seeds"}
    words = [word for name, value in shown.items() for word in (f"--{name.replace('_', '-')}", _typed(value))]
    seeds: tuple[int, ...] = carried["seeds"]
    shared = sorted(set(seeds) & set(screening.seeds))
    listed = ", ".join(map(str, shared[:NUMBERED])) + ", ..." * (len(shared) > NUMBERED)
    which = (
        f"the choice has seen seeds {listed}, so that claims count all {len(screening.candidates)} losses"
        if shared
        else f"seeds {seeds[0]} to {seeds[-1]}, which the choice has not seen"
    )
    return f"as there: {command_line(words)}; {which}" if words else which


def _typed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _seeds(options: Mapping[str, Any], screening: Screening) -> tuple[int, ...]:
    """As given; so many that the choice has not seen, where a number is given or nothing."""
    given = options.get("seeds", len(Grid.seeds))
    count = seed_count("--seeds", given)
    return grid_of({"seeds": given}).seeds if count is None else new_seeds(count, screening.seeds)


def _rows_below(folder: Path) -> list[Row]:
    rows, warnings = store.read(folder)
    for warning in warnings:
        say(f"skipped {warning}")
    return rows


def _require_compatible(given: Mapping[str, Any]) -> None:
    if chosen := [name for name in given if name in CHOSEN]:
        listed = ", ".join(f"--{name}" for name in chosen)
        raise InputError(f"--from chooses the losses and their values: leave out {listed}, or --from")
    if "smoke" in given:
        raise InputError("--smoke trains every loss, and --from chooses some: leave out one")
    tuned = names("--tune", given["tune"]) if "tune" in given else ()
    if own := [name for name in tuned if name.replace("-", "_") not in RECIPE_SETTINGS]:
        raise InputError(
            f"--from takes the values of the losses from the study that chose them, so that --tune {own[0]} has no"
            " effect: tune it in that study; lr, weight-decay and batch-size can be tuned here"
        )


def _require_trainable(chosen: Chosen) -> None:
    """Raise an `InputError` for a loss that only the Python session has that trained it."""
    for arm in chosen.arms:
        if arm.loss.startswith(IN_PROCESS):
            raise InputError(
                f"--from {chosen.screening.source} chooses {arm.name}, an object of the Python session that trained it;"
                " put it into a file, as ./my_loss.py:loss, or use lsbench.compare(from_results=...) in that session"
            )
