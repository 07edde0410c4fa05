"""What held-out predictions say of the training labels as given: in a sentence, as plain values, as a table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lsbench.analysis.verdict import Verdict
from lsbench.names.few import few
from lsbench.names.percent import percent
from lsbench.noise.pooled import FEWEST, Matrix, PooledNoise, Refused
from lsbench.report.columns import Column, table_of
from lsbench.report.fields import optional
from lsbench.report.tables import Table

MOST_CLASSES = 12  # of a matrix that is printed whole
MOST_CONFUSIONS = 20  # of a larger one
NAMED = 5  # classes in a sentence
TITLE = "what held-out predictions contradict: P(given label | class that they believe), %"
WHAT_IT_IS = (
    "wrong labels and the model's own mistakes together; wrong labels that a model can learn are not among them"
)
BELIEVED = "labels believed: how many examples are believed to be of the class."
Confusion = tuple[float, int, int]  # how often, the believed class, the given one


def contradicted_text(told: PooledNoise | Refused, names: Sequence[str] = ()) -> str:
    """How many labels are contradicted, with the model's accuracy beside it; or why that is not told."""
    called = names if told.matrix is None or len(names) == len(told.matrix) else ()
    sentences = (
        _share_text(told) if isinstance(told, PooledNoise) else _refused_text(told),
        _left_out_text(told, called),
        _averaged_text(told),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def contradicted_json(told: PooledNoise | Refused) -> dict[str, Any]:
    """All of it as plain values; a share that is refused is None, and `refused` says why."""
    values = {"rate": None, "low": None, "high": None, "surest": None, "joint": None, "refused": None, **asdict(told)}
    values["rate"] = values.pop("contradicted", None)
    values["refused"] = values.pop("reason", None)
    return values


def contradicted_table(told: PooledNoise, names: Sequence[str] = ()) -> Table:
    """P(given | believed); of many classes, the largest confusions.

    Classes have their names, or their numbers where there are not as many names.
    """
    count = len(told.matrix)
    called = names if len(names) == count else list(map(str, range(count)))
    footnotes = (f"A contradiction: {WHAT_IT_IS}.", *([BELIEVED] if told.joint else []))
    if count <= MOST_CLASSES:
        return table_of(TITLE, _matrix_columns(told, called), range(count), footnotes=footnotes)
    confusions = [(p or 0, i, j) for i, line in enumerate(told.matrix) for j, p in enumerate(line) if i != j]
    largest = sorted(confusions, reverse=True)[:MOST_CONFUSIONS]
    title = f"{TITLE}: the {MOST_CONFUSIONS} largest confusions"
    return table_of(title, _confusion_columns(told, called), largest, footnotes=footnotes)


def noise_tables(verdict: Verdict) -> list[Table]:
    """The table of a verdict whose noise nobody knows, where held-out predictions tell something of it; else none."""
    if not isinstance(verdict.held_out, PooledNoise) or verdict.noise_known is not None:
        return []
    return [contradicted_table(verdict.held_out, verdict.sizes.classes if verdict.sizes else ())]


def _share_text(told: PooledNoise) -> str:
    interval = f"[{100 * told.low:.1f}, {100 * told.high:.1f}]"
    surest = "" if told.surest is None else f" and {percent(told.surest)} of those that they are surest of"
    labels = f"{told.count:,} training labels"
    return (
        f"Held-out predictions contradict {percent(told.contradicted)} {interval} of {labels}{surest}: {WHAT_IT_IS}. "
        f"Their accuracy against the given labels is {percent(told.accuracy)}."
    )


def _refused_text(told: Refused) -> str:
    accuracy = "" if told.accuracy is None else f"; accuracy against the given labels {percent(told.accuracy)}"
    labels = f"{told.count:,} labels{accuracy}"
    return f"How many training labels are wrong can't be told from held-out predictions ({labels}): {told.reason}."


def _left_out_text(told: PooledNoise | Refused, called: Sequence[str]) -> str:
    if not told.left_out:
        return ""
    texts = [f"{called[label] if called else label} ({count})" for label, count in told.left_out]
    return f"Classes with fewer than {FEWEST} held-out examples are left out: {few(texts, NAMED)}."


def _averaged_text(told: PooledNoise | Refused) -> str:
    if told.is_pooled or told.trainings < 2:
        return ""
    return f"This is the mean of what {told.trainings} trainings said one by one; the number of labels is that of one."


def _matrix_columns(told: PooledNoise, called: Sequence[str]) -> list[Column[int]]:
    """A line per believed class, a column per given one."""

    def given(label: int) -> Column[int]:
        return Column(called[label], lambda believed: optional(_percent(told.matrix, believed, label), ".1f"))

    return [
        Column("believed", lambda believed: called[believed], names_line=True),
        *_count_column(told, lambda believed: believed),
        *map(given, range(len(called))),
    ]


def _confusion_columns(told: PooledNoise, called: Sequence[str]) -> list[Column[Confusion]]:
    return [
        Column("believed", lambda confusion: called[confusion[1]], names_line=True),
        Column("given", lambda confusion: called[confusion[2]]),
        *_count_column(told, lambda confusion: confusion[1]),
        Column("%", lambda confusion: f"{confusion[0] * 100:.1f}"),
    ]


def _count_column(told: PooledNoise, believed_of: Any) -> list[Column[Any]]:
    """How many labels are believed to be of the class; nothing where the counts are not kept."""
    joint = told.joint
    if joint is None:
        return []
    number = [sum(column) for column in zip(*joint, strict=True)]
    return [Column("labels believed", lambda line: f"{number[believed_of(line)]:,.0f}", BELIEVED)]


def _percent(matrix: Matrix, believed: int, given: int) -> float | None:
    p = matrix[believed][given]
    return None if p is None else p * 100
