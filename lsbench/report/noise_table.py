"""The noise matrix as held-out predictions tell it."""

from collections.abc import Sequence

from lsbench.analysis.verdict import NoiseGuess, Verdict
from lsbench.report.columns import Column, table_of
from lsbench.report.fields import optional
from lsbench.report.tables import Table

MOST_CLASSES = 12  # of a matrix that is printed whole
MOST_CONFUSIONS = 20  # of a larger one
TITLE = "noise matrix estimated from held-out predictions: P(given label | true class), %"
Confusion = tuple[float, int, int]  # how often, the true class, the given one


def noise_tables(verdict: Verdict) -> list[Table]:
    """The estimated noise matrix, where the noise is not known."""
    if verdict.noise_guess is None or verdict.noise_known is not None:
        return []
    return [noise_table(verdict.noise_guess, verdict.sizes.classes if verdict.sizes else ())]


def noise_table(guess: NoiseGuess, names: Sequence[str] = ()) -> Table:
    """P(given | true) as held-out predictions tell it; of many classes, the largest confusions.

    Classes have their names, or their numbers where there are not as many names.
    """
    count = len(guess.matrix)
    called = names if len(names) == count else list(map(str, range(count)))
    if count <= MOST_CLASSES:
        return table_of(TITLE, _matrix_columns(guess, called), range(count))
    confusions = [(p or 0, i, j) for i, line in enumerate(guess.matrix) for j, p in enumerate(line) if i != j]
    largest = sorted(confusions, reverse=True)[:MOST_CONFUSIONS]
    return table_of(f"{TITLE}: the {MOST_CONFUSIONS} largest confusions", _confusion_columns(called), largest)


def _matrix_columns(guess: NoiseGuess, called: Sequence[str]) -> list[Column[int]]:
    """A line per true class, a column per given one."""

    def given(label: int) -> Column[int]:
        return Column(called[label], lambda true: optional(_percent(guess.matrix[true][label]), ".1f"))

    return [Column("true", lambda true: called[true], names_line=True), *map(given, range(len(called)))]


def _confusion_columns(called: Sequence[str]) -> list[Column[Confusion]]:
    return [
        Column("true", lambda confusion: called[confusion[1]], names_line=True),
        Column("given", lambda confusion: called[confusion[2]]),
        Column("%", lambda confusion: f"{confusion[0] * 100:.1f}"),
    ]


def _percent(p: float | None) -> float | None:
    return None if p is None else p * 100
