"""What is said below a table of losses that train other networks first, or that are given the true noise matrix."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from lsbench.analysis.summary import ArmResults
from lsbench.names.percent import percent
from lsbench.report.fields import seeds_text
from lsbench.rows.status import CLEANED_RIGHT, WEAK
from lsbench.spec import is_oracle


def cross_fit_notes(arms: Sequence[ArmResults]) -> list[str]:
    """On the cost, on oracles, on labels that were left out or changed, and on weak first networks; else none."""
    return [*_cost(arms), *_oracles(arms), *(note for arm in arms if (note := _cleaned(arm))), *_weak(arms)]


def _cost(arms: Iterable[ArmResults]) -> list[str]:
    named: dict[int, list[str]] = {}  # by number of networks
    for arm in arms:
        if arm.key.networks > 1:
            named.setdefault(arm.key.networks, []).append(arm.name)
    return [
        f"{', '.join(names)}: each cell trains {number} networks, {number - 1} of them first, on part of the examples;"
        " s/epoch counts all of them, though cells share the first"
        for number, names in named.items()
    ]


def _oracles(arms: Iterable[ArmResults]) -> list[str]:
    names = [arm.name for arm in arms if is_oracle(arm.key)]
    verb = "is" if len(names) == 1 else "are"
    note = f"oracle: {', '.join(names)} {verb} given the true noise matrix, which nobody has of labels of their own"
    return [note] if names else []


def _cleaned(arm: ArmResults) -> str:
    """What was left out or changed, over the seeds together; and how right that was, where that is known."""
    records = [row.cleaning for row in arm.rows if row.cleaning]
    told = [_done(records, part, word) for part, word in (("dropped", "left out"), ("changed", "changed"))]
    return f"{arm.name} {' and '.join(filter(None, told))}" if any(told) else ""


def _weak(arms: Iterable[ArmResults]) -> list[str]:
    """Which first networks can't be relied on; the reason is that of the first seed that has one."""
    names: dict[tuple[int, str], list[str]] = {}  # by the number of seeds and the reason
    for arm in arms:
        reasons = [row.cleaning[WEAK] for row in arm.rows if row.cleaning and row.cleaning.get(WEAK)]
        if reasons:
            names.setdefault((len(reasons), reasons[0]), []).append(arm.name)
    return [
        f"warning: the first networks of {', '.join(some)} are weak at {seeds_text(number)}: {reason}"
        for (number, reason), some in names.items()
    ]


def _done(records: Sequence[Mapping[str, Any]], part: str, word: str) -> str:
    if not any(record.get(part) for record in records):
        return ""
    share = fmean(record[part] / record["examples"] for record in records)
    text = f"{word} {percent(share)} of the training examples"
    truths = [record[CLEANED_RIGHT] for record in records if CLEANED_RIGHT in record]
    done, right, wrong = (
        sum(one[name] for one in many) for many, name in ((records, part), (truths, f"{part}_wrong"), (truths, "wrong"))
    )
    if not truths:
        return text
    caught = f", and that is {percent(right / wrong)} of the wrong labels" if wrong else ""
    return f"{text}: {percent(right / done)} of these had wrong labels{caught}"
