"""The claims of a verdict and of a report: which loss is said to be better than which, and by what.

A claim is read out of the JSON of `lsbench decide` and of what is bold in the tables of `lsbench report`; nothing here
knows the truth.
"""

import re
from typing import Any

BOLD = {"accuracy %": "accuracy", "ECE %": "ece", "NLL": "nll", "Brier": "brier"}  # headings, and what they are by
FORBIDDEN = {  # what no text may say of labels that nobody vouches for
    "clean": r"\bclean\b",
    "oracle": r"\boracle",
    "no noise": r"\bno noise\b",
    "noise-free": r"noise-free",
    "N % of the labels are wrong": r"\d %? ?of the labels are wrong",
    "known: N % wrong": r"Known: [\d.]+ ?%",
    "optimum": r"ECE optimum|optimum ECE",
}


def claims_of(verdict: dict[str, Any]) -> list[dict[str, str]]:
    """`better` and `worse` of each finding, and of a winner over all others."""
    findings = [one for one in verdict["claims"] if one["finding"] in ("better", "worse")]
    told = [_claim(one["arm"], one["other"], one["finding"], one["family"]) for one in findings]
    arms = [arm["name"] for arm in verdict["arms"]]
    winner = verdict["winner"]
    return [*told, *(_claim(winner, arm, "better", "winner") for arm in arms if winner and arm != winner)]


def _claim(arm: str, other: str, finding: str, where: str) -> dict[str, str]:
    better, worse = (arm, other) if finding == "better" else (other, arm)
    return {"better": better, "worse": worse, "where": where}


def recommended(verdict: dict[str, Any]) -> str | None:
    """The loss that it says to take, other than ce and shown to be better than it; None where it recommends none."""
    suggested = verdict["suggested"]
    against = [one for one in claims_of(verdict) if one["better"] == suggested and one["worse"] == "ce"]
    return suggested if against else None


def bold_of(report: str) -> list[dict[str, str]]:
    """What is bold in the main tables of a report, as claims against every other line."""
    return [claim for table in tables_of(report) for claim in _bold(table)]


def _bold(table: list[dict[str, str]]) -> list[dict[str, str]]:
    marked = [(line, by) for line in table for heading, by in BOLD.items() if line.get(heading, "").startswith("**")]
    return [
        {"better": _name(line), "worse": _name(other), "where": "bold", "by": by}
        for line, by in marked
        for other in table
        if other is not line
    ]


def _name(line: dict[str, str]) -> str:
    return line["loss"] if line.get("eps", "–") == "–" else f"{line['loss']} {line['eps']}"


def tables_of(markdown: str) -> list[list[dict[str, str]]]:
    """Its tables of losses, each a list of lines: heading -> cell."""
    blocks = re.findall(r"(?:^\|.*\n?)+", markdown, re.MULTILINE)
    tables = [[_cells(line) for line in block.strip().splitlines()] for block in blocks]
    return [[dict(zip(head, line, strict=True)) for line in lines] for head, _, *lines in tables if head[0] == "loss"]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def forbidden_in(text: str) -> list[str]:
    """Which of the forbidden words it says, outside of sentences that state a condition."""
    told = " ".join(one for one in re.split(r"(?<=[.:;])\s", text) if not re.match(r"(even )?if\b", one, re.IGNORECASE))
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, told)]
