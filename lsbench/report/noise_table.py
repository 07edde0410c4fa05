"""The noise matrix as held-out predictions tell it."""

from collections.abc import Sequence

from lsbench.analysis.decide import NoiseGuess, Verdict
from lsbench.report.fields import optional
from lsbench.report.tables import Entry, Table

MOST_CLASSES = 12  # of a matrix that is printed whole


def noise_tables(verdict: Verdict) -> list[Table]:
    """The estimated noise matrix, where the noise is not known."""
    if verdict.noise_guess is None or verdict.noise_known is not None:
        return []
    return [noise_table(verdict.noise_guess, verdict.sizes.classes if verdict.sizes else ())]


def noise_table(guess: NoiseGuess, names: Sequence[str] = ()) -> Table:
    """P(given | true) as held-out predictions tell it; of many classes, the largest confusions.

    Classes have their names, or their numbers where there are not as many names.
    """
    classes = range(len(guess.matrix))
    said = names if len(names) == len(classes) else list(map(str, classes))
    title = "noise matrix estimated from held-out predictions: P(given label | true class), %"
    if len(guess.matrix) <= MOST_CLASSES:
        lines = [(Entry(said[i]), *(Entry(optional(_percent(p), ".1f")) for p in guess.matrix[i])) for i in classes]
        return Table(title, ("true", *said), tuple(lines), ())
    wrong = sorted(((p or 0, i, j) for i in classes for j, p in enumerate(guess.matrix[i]) if i != j), reverse=True)[
        :20
    ]
    lines = [(Entry(said[i]), Entry(said[j]), Entry(f"{p * 100:.1f}")) for p, i, j in wrong]
    return Table(f"{title}: the 20 largest confusions", ("true", "given", "%"), tuple(lines), ())


def _percent(p: float | None) -> float | None:
    return None if p is None else p * 100
