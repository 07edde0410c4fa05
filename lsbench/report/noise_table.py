"""The noise matrix as held-out predictions tell it."""

from lsbench.decide import NoiseGuess, Verdict
from lsbench.report.fields import optional
from lsbench.report.tables import Entry, Table

MOST_CLASSES = 12  # of a matrix that is printed whole


def noise_tables(verdict: Verdict) -> list[Table]:
    """The estimated noise matrix, where the noise is not known."""
    return [noise_table(verdict.noise_guess)] if verdict.noise_guess and verdict.noise_known is None else []


def noise_table(guess: NoiseGuess) -> Table:
    """P(given | true) as held-out predictions tell it; of many classes, the largest confusions."""
    classes = range(len(guess.matrix))
    title = "noise matrix estimated from held-out predictions: P(given label | true class), %"
    if len(guess.matrix) <= MOST_CLASSES:
        lines = [(Entry(str(i)), *(Entry(optional(_percent(p), ".1f")) for p in guess.matrix[i])) for i in classes]
        return Table(title, ("true", *(str(j) for j in classes)), tuple(lines), ())
    wrong = sorted(((p or 0, i, j) for i in classes for j, p in enumerate(guess.matrix[i]) if i != j), reverse=True)[
        :20
    ]
    lines = [(Entry(str(i)), Entry(str(j)), Entry(f"{p * 100:.1f}")) for p, i, j in wrong]
    return Table(f"{title}: the 20 largest confusions", ("true", "given", "%"), tuple(lines), ())


def _percent(p: float | None) -> float | None:
    return None if p is None else p * 100
