"""What is said of losses that lost seeds, and of failures that an edit has made obsolete."""

from collections.abc import Iterable, Sequence

from lsbench.analysis.summary import ArmResults, Summary, comes_again

COUNTED = "Corrections for several comparisons count them all the same."


def failure_notes(arm: ArmResults) -> list[str]:
    """What went wrong at an arm's lost seeds; seeds with one error are named together."""
    seeds: dict[tuple[str, str], list[int]] = {}  # by status and error
    for row in arm.lost:
        seeds.setdefault((row.status, str(row.error)), []).append(row.cell.seed)
    return [
        f"{status}: {arm.name} seed{'s' * (len(some) > 1)} {', '.join(map(str, some))}: {error}"
        for (status, error), some in seeds.items()
    ]


def lost_text(arms: Sequence[ArmResults], *, compares: bool = True) -> str:
    """Which arms lost seeds, and whether they are compared all the same; nothing where none did.

    compares: whether what is beside it compares arms, corrected for all of them.
    """
    if not compares:
        return _of_the_rest(arms)
    not_compared, left = ([arm for arm in arms if arm.lost and arm.comparable is kept] for kept in (False, True))
    sentences = []
    if not_compared:
        sentences += [f"Not compared, as seeds failed or diverged: {_counts(not_compared)}.", _meaning(not_compared)]
        sentences.append(COUNTED)
    if left:
        sentences.append(
            f"Compared by the seeds that are left, which may be those at which a loss did well: {_counts(left)}."
        )
    return " ".join(sentences)


def _of_the_rest(arms: Sequence[ArmResults]) -> str:
    """What numbers are worth that nothing is claimed by."""
    if not (lost := [arm for arm in arms if arm.lost]):
        return ""
    left = " The seeds that are left may be those at which a loss did well." * any(arm.rows for arm in lost)
    return f"Seeds failed or diverged: {_counts(lost)}.{left}"


def _meaning(not_compared: Sequence[ArmResults]) -> str:
    """What that means, and what can be done; what diverged would do so again."""
    why = (
        "The seeds that are left may be those at which a loss did well: "
        if any(arm.rows for arm in not_compared)
        else ""
    )
    those = "it" if len(not_compared) == 1 else "them"
    means = (
        f"no loss can win by them, and nothing is shown to be better than {those}"
        if why
        else f"No verdict on {those} is given"
    )
    failed = any(not comes_again(row) for arm in not_compared for row in arm.lost)
    again = "; `lsbench run --rerun failed` trains failed ones again" * failed
    return f"{why}{means}{again}{'; --survivors compares what is left' * bool(why)}."


def lost_notes(arms: Sequence[ArmResults], *, compares: bool = True) -> list[str]:
    """The same, as notes below a table."""
    return [text] if (text := lost_text(arms, compares=compares)) else []


def why_apart(arm: ArmResults, name: str) -> str:
    """Why an arm that lost no seed is not compared by that number."""
    having = len(arm.by_seed(name))
    return f"no such number at {arm.n - having} of {arm.n} seeds" if having < arm.n else "no seed of both"


def superseded_notes(summary: Summary) -> list[str]:
    """That failures are not listed, as what failed was edited since: one line."""
    if not (count := len(summary.superseded)):
        return []
    cells = "1 failed or diverged cell" if count == 1 else f"{count} failed or diverged cells"
    return [
        f"superseded: {cells} of an earlier version of {', '.join(summary.edited)}: not listed, not counted as lost"
    ]


def _counts(arms: Iterable[ArmResults]) -> str:
    return ", ".join(f"{arm.name} ({arm.lost_text})" for arm in arms)
