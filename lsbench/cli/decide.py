"""`lsbench decide`: which loss and eps to train with."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.analysis.criteria import CRITERIA, UNSCALED, criteria_help, criterion_of, full_name, require_criterion
from lsbench.cli.report import SELECT_HELP, SURVIVORS_HELP, stored
from lsbench.cli.say import say
from lsbench.cli.show import Columns, show_paragraphs, show_tables
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
    from lsbench.analysis.looked import looked_training, looked_verdict
    from lsbench.report.sequential_table import sequential_table
    from lsbench.rows.status import trust as vouched_for

    by, temperature = full_name(by), temperature_of(temperature)
    require_sensible(by, tolerance, temperature, unknown_noise=unknown_noise, select=select, verified=verified)
    trusted, rows = trusted_parts(trust), stored(results)
    say_what_stays_given(trusted, rows)
    rows, tolerance = vouched_for(rows, trusted), tolerance / scale_of(by)
    rules = {"unknown_noise": unknown_noise, "survivors": survivors}
    if select:
        picked = names("--select", select)
        decide_picks(rows, picked, by, tolerance, results, columns, as_json=as_json, **rules)
        return
    looks = read_verified(verified, results, rows)
    verdicts = verdicts_among(rows, by, tolerance, temperature, results, **rules)
    looked = [looked_verdict(verdict, looks) if looks else None for verdict in verdicts]
    training = looked_training(rows, looks, results)
    if as_json:
        show_json(verdicts, looked, training)
        return
    show_words(verdicts, looked, training, columns)
    if kept := sequential.read(results):
        show_tables([sequential_table(one) for one in kept])


def require_sensible(
    by: str, tolerance: float, temperature: str, *, unknown_noise: bool, select: Any, verified: Any
) -> None:
    """`InputError` for options that make no sense, or not together; nothing is read before."""
    require_number("--tolerance", tolerance, 0, 1e6)
    require_choice("--temperature", temperature, WAYS)
    is_scaled = temperature != UNSCALED
    if unknown_noise and is_scaled and TEMPERATURES[temperature].needs:
        raise InputError(f"--temperature {temperature} needs known noise or clean labels; --unknown-noise has neither")
    require_criterion(by)
    if is_scaled and by not in CRITERIA:
        raise InputError(f"--temperature is for lsbench's own criteria, {by} gets the probabilities as they are")
    if select and verified:
        raise InputError("--verified compares losses as they were trained; leave out --select")
    if select and is_scaled:
        raise InputError("--select picks by numbers before temperature scaling; leave out --temperature")


def scale_of(by: str) -> float:
    """In how many of the metric's own units a tolerance is given: points of per cent, or nats."""
    from lsbench.analysis.summary.quantity import is_percentage

    return 100.0 if is_percentage(criterion_of(by).metric) else 1.0


def verdicts_among(
    rows: Sequence[Any],
    by: str,
    tolerance: float,
    temperature: str,
    results: Path,
    *,
    unknown_noise: bool,
    survivors: bool,
) -> list[Any]:
    """A verdict per setting; what was passed over is said, and it is an error where nothing is left."""
    from lsbench.analysis.decide import decide, told_rows

    verdicts = decide(
        rows, by, tolerance, temperature, results=results, unknown_noise=unknown_noise, survivors=survivors
    )
    if not verdicts:
        told = told_rows(rows, unknown_noise=unknown_noise)
        raise NothingToReportError(f"nothing to decide in {results}: {why_undecided(told, by, temperature)}")
    say_skipped(verdicts)
    return verdicts


def say_skipped(verdicts: Iterable[Any]) -> None:
    """On stderr, each once, why something was not compared."""
    for warning in dict.fromkeys(warning for verdict in verdicts for warning in verdict.warnings):
        say(f"skipped {warning}")


def show_json(verdicts: Sequence[Any], looked: Sequence[Any], training: Sequence[Any]) -> None:
    """The verdicts as JSON."""
    from lsbench.report.decision import as_json

    told = [as_json(verdict, by_looks, training) for verdict, by_looks in zip(verdicts, looked, strict=True)]
    print(json_text(told))


def show_words(verdicts: Sequence[Any], looked: Sequence[Any], training: Sequence[Any], columns: Columns) -> None:
    """The paragraphs and tables of each verdict, then what looked-at training labels say."""
    from lsbench.report import decision
    from lsbench.report.contradicted import noise_tables

    shown: set[object] = set()  # that of the given test labels is the same for all settings of a data set
    for verdict, by_looks in zip(verdicts, looked, strict=True):
        show_paragraphs(decision.looked_paragraphs(by_looks) if by_looks else decision.paragraphs(verdict))
        of_given = [*decision.verdict_tables(verdict), *noise_tables(verdict)]
        tables = [one for one in decision.looked_tables(by_looks) if one not in shown] if by_looks else of_given
        shown.update(tables)
        show_tables(tables, columns)
        print()
    for one in training:
        show_paragraphs([decision.training_text(one)])
        show_tables([decision.training_table(one)], columns)


def decide_picks(
    rows: Sequence[Any],
    picked: Sequence[str],
    by: str,
    tolerance: float,
    results: Path,
    columns: Columns,
    *,
    unknown_noise: bool,
    survivors: bool,
    as_json: bool,
) -> None:
    """The verdict among what is picked per loss and seed, what tuning changed, and the picks."""
    from lsbench.analysis.decide import told_rows, verdicts_of
    from lsbench.analysis.picking import require_choices, select
    from lsbench.analysis.summary import arms_by_setting
    from lsbench.report import decision
    from lsbench.report.picks_table import selection_json, selection_paragraphs, selection_tables

    arms = arms_by_setting(told_rows(rows, unknown_noise=unknown_noise), survivors=survivors)
    selections = select(arms, picked, by, partial(verdicts_of, tolerance=tolerance, results=results))
    require_choices(selections, picked)
    say_skipped(one.verdict for one in selections if one.verdict)
    if as_json:
        print(json_text([made for one in selections if (made := selection_json(one))]))
        return
    for one in selections:
        evidence = decision.evidence_paragraphs(one.verdict) if one.verdict else []
        show_paragraphs((*selection_paragraphs(one), *evidence))
        show_tables(selection_tables(one), columns)
        print()
