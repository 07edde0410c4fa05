"""`lsbench decide`: which loss and eps to train with."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.analysis.criteria import CRITERIA, UNSCALED, criteria_help, criterion_of, full_name, require_criterion
from lsbench.cli.report import SELECT_HELP, SURVIVORS_HELP, stored
from lsbench.cli.say import say
from lsbench.cli.show import Columns, show_paragraph, show_tables
from lsbench.cli.trust import Trust, say_what_stays_given, trusted_parts
from lsbench.cli.undecided import why_undecided
from lsbench.cli.verified import Verifieds
from lsbench.cli.verified import read as read_verified
from lsbench.errors import InputError, NothingToReportError, require_choice, require_number
from lsbench.names.catalogue import TEMPERATURES, temperature_of
from lsbench.names.catalogue.allowed import either
from lsbench.names.encoding import json_text
from lsbench.planning.lists import names

BY_HELP = f"{criteria_help()} Or your own, ./cost.py:f, with f(probabilities, labels) -> a number per example."


WAYS = (UNSCALED, *TEMPERATURES)
TEMPERATURE_HELP = f"Decide by the numbers after temperature scaling: {either(WAYS)}."


def decide(
    results: Annotated[Path, typer.Argument(help="The folder that `run` wrote.")] = Path("results"),
    by: Annotated[str, typer.Option(help=BY_HELP, autocompletion=lambda: list(CRITERIA))] = "accuracy",
    tolerance: Annotated[
        float, typer.Option(help="What does not matter: in points of per cent, or in nats for nll.")
    ] = 0.0,
    temperature: Annotated[str, typer.Option(help=TEMPERATURE_HELP, autocompletion=lambda: list(WAYS))] = UNSCALED,
    unknown_noise: Annotated[
        bool,
        typer.Option(
            "--unknown-noise", help="Decide as on data of your own: nobody knows which training labels are wrong."
        ),
    ] = False,
    select: Annotated[list[str] | None, typer.Option(help=SELECT_HELP, show_default="nothing")] = None,
    survivors: Annotated[bool, typer.Option("--survivors", help=SURVIVORS_HELP)] = False,
    trust: Trust = None,
    verified: Verifieds = None,
    columns: Columns = None,
    as_json: Annotated[bool, typer.Option("--json", help="The verdicts as JSON.")] = False,
) -> None:
    """Say which loss and eps to take, which may be best, what that costs by other criteria, and how sure that is.

    A winner is declared only where the intervals support it.
    """
    from lsbench.analysis import sequential
    from lsbench.analysis.decide import decide as decide_rows
    from lsbench.analysis.decide import told_rows, verdicts_of
    from lsbench.analysis.looked import looked_training, looked_verdict
    from lsbench.analysis.summary import arms_by_setting
    from lsbench.analysis.summary.quantity import is_percentage
    from lsbench.report import decision
    from lsbench.report.noise_table import noise_tables
    from lsbench.report.sequential_table import sequential_table
    from lsbench.rows.status import trust as vouched_for

    require_number("--tolerance", tolerance, 0, 1e6)
    temperature = temperature_of(temperature)
    require_choice("--temperature", temperature, WAYS)
    if unknown_noise and temperature != UNSCALED and TEMPERATURES[temperature].needs:
        raise InputError(f"--temperature {temperature} needs known noise or clean labels; --unknown-noise has neither")
    by = full_name(by)
    require_criterion(by)
    if temperature != UNSCALED and by not in CRITERIA:
        raise InputError(f"--temperature is for lsbench's own criteria, {by} gets the probabilities as they are")
    trusted, rows = trusted_parts(trust), stored(results)
    say_what_stays_given(trusted, rows)
    rows, kept = vouched_for(rows, trusted), sequential.read(results)
    scale = 100 if is_percentage(criterion_of(by).metric) else 1
    if select and verified:
        raise InputError("--verified compares losses as they were trained; leave out --select")
    looks = read_verified(verified, results, rows)
    if select:
        if temperature != UNSCALED:
            raise InputError("--select picks by numbers before temperature scaling; leave out --temperature")
        judge = partial(verdicts_of, tolerance=tolerance / scale, results=results)
        arms = arms_by_setting(told_rows(rows, unknown_noise=unknown_noise), survivors=survivors)
        decide_picks(arms, names("--select", select), by, judge, columns, as_json=as_json)
        return
    verdicts = decide_rows(
        rows,
        by,
        tolerance / scale,
        temperature,
        unknown_noise=unknown_noise,
        results=results,
        survivors=survivors,
    )
    if not verdicts:
        told = told_rows(rows, unknown_noise=unknown_noise)
        raise NothingToReportError(f"nothing to decide in {results}: {why_undecided(told, by, temperature)}")
    for warning in dict.fromkeys(warning for verdict in verdicts for warning in verdict.warnings):
        say(f"skipped {warning}")
    looked = {verdict.setting: looked_verdict(verdict, looks) for verdict in verdicts} if looks else {}
    training = looked_training(rows, looks, results)
    if as_json:
        told = [decision.as_json(verdict, looked.get(verdict.setting), training) for verdict in verdicts]
        print(json_text(told))
        return
    shown: set[object] = set()  # that of the given test labels is the same for all settings of a data set
    for verdict in verdicts:
        by_looks = looked.get(verdict.setting)
        for text in decision.looked_paragraphs(by_looks) if by_looks else decision.paragraphs(verdict):
            show_paragraph(text)
            print()
        of_given = [*decision.verdict_tables(verdict), *noise_tables(verdict)]
        tables = [one for one in decision.looked_tables(by_looks) if one not in shown] if by_looks else of_given
        shown.update(tables)
        show_tables(tables, columns)
        print()
    for one in training:
        show_paragraph(decision.training_text(one))
        print()
        show_tables([decision.training_table(one)], columns)
    if kept:
        show_tables([sequential_table(one) for one in kept])


def decide_picks(
    arms: Any, selected: Sequence[str], by: str, judge: Any, columns: Sequence[str] | None, *, as_json: bool
) -> None:
    """The verdict among what is picked per loss and seed, what tuning changed, and the picks."""
    from lsbench.analysis.picking import require_choices, select
    from lsbench.report import decision
    from lsbench.report.picks_table import selection_json, selection_paragraphs, selection_tables

    selections = select(arms, selected, by, judge)
    require_choices(selections, selected)
    for warning in dict.fromkeys(text for one in selections if one.verdict for text in one.verdict.warnings):
        say(f"skipped {warning}")
    if as_json:
        print(json_text([made for one in selections if (made := selection_json(one))]))
        return
    for one in selections:
        for text in (*selection_paragraphs(one), *(decision.evidence_paragraphs(one.verdict) if one.verdict else [])):
            show_paragraph(text)
            print()
        show_tables(selection_tables(one), columns)
        print()
