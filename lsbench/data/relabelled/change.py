"""Labels as files change them: by people, of any part; by predictions, of what is trained on alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.looked_file import read_looked
from lsbench.data.origin import Origin
from lsbench.data.relabelled.fixes_file import KEEP, PREDICTIONS, FixLine, read_fixes
from lsbench.data.relabelled.option import is_fixes
from lsbench.data.relabelled.places import Examples, place_of_fix, places_of_looked
from lsbench.data.splits import Splits
from lsbench.data.votes import SOFT
from lsbench.errors import InputError
from lsbench.names.answers import Answer, read_answer

Labels = NDArray[np.int64]
Place = tuple[str, int]  # part, and number in it
PARTS = ("train", "val", "test")


class Changed(NamedTuple):
    """The labels of a data set after its files of changes."""

    train: Labels
    val: Labels | None
    test: Labels
    trained: Labels | None  # (n,): what is trained on, where predictions changed some; None: `train`
    notes: tuple[str, ...] = ()

    def put_into(self, splits: Splits) -> Splits:
        """The data set with these labels."""
        return splits._replace(
            train_labels=self.train,
            val_labels=self.val,
            test_labels=self.test,
            trained_labels=self.trained,
            notes=(*splits.notes, *self.notes),
        )


class Verdicts(NamedTuple):
    """What files say of examples."""

    people: dict[Place, dict[str, Answer]]  # by person; of one person the last answer
    predictions: dict[Place, int]


def changed_labels(files: Sequence[Path], origin: Origin, splits: Splits, paths: tuple[str, ...]) -> Changed:
    """The labels of a data set with the verdicts of these files, in their order.

    A person's answer counts before what predictions suggest, whatever it is. Where people differ the label stays,
    unless most of three or more gave the same. Answers that are no one class leave the label as it is.

    Raises:
        InputError: a file of another data set, a label that is no class, a given label that is another one now, a test
            label that predictions would change, or two verdicts on one example by one person in a file.
    """
    if splits.train_votes is not None and splits.train_votes.how == SOFT:
        raise InputError(f"{origin.text}: labels=FILE changes one label each; several people's, as they are, have many")
    verdicts = Verdicts({}, {})
    before = {part: own for part in PARTS if (own := getattr(splits, f"{part}_labels")) is not None}
    labels = {part: np.array(own, np.int64) for part, own in before.items()}
    for file in files:
        _read_into(verdicts, str(file), origin, splits, Examples.of(splits, paths), labels)
        _apply(verdicts, labels)
    trained = labels["train"].copy()
    for (_, number), label in verdicts.predictions.items():
        if ("train", number) not in verdicts.people:
            trained[number] = label
    differs = trained != labels["train"]
    told = _notes(files, verdicts, before, labels, int(differs.sum()))
    return Changed(labels["train"], labels.get("val"), labels["test"], trained if differs.any() else None, told)


def _apply(verdicts: Verdicts, labels: dict[str, Labels]) -> None:
    for (part, number), answers in verdicts.people.items():
        if (label := agreed(list(answers.values()))) is not None:
            labels[part][number] = label


def agreed(answers: Sequence[Answer]) -> int | None:
    """The class that all people gave, or more than half of three or more; None where there is none.

    Example:
        >>> cat, dog = Answer((0,)), Answer((1,))
        >>> agreed([cat, cat]), agreed([cat, dog]), agreed([cat, dog, cat])
        (0, None, 0)
    """
    labels = [answer.label for answer in answers]
    most = max(dict.fromkeys(labels), key=labels.count)
    enough = labels.count(most) == len(labels) or (len(labels) > 2 and 2 * labels.count(most) > len(labels))
    return most if enough else None


def _read_into(
    verdicts: Verdicts, file: str, origin: Origin, splits: Splits, examples: Examples, labels: dict[str, Labels]
) -> None:
    told: dict[tuple[Place, str], str] = {}
    for line, place, person, text, answer in _answers(file, origin, splits, examples, labels):
        if told.setdefault((place, person), text) != text:
            raise InputError(f"{file}, line {line}: {person} said {told[place, person]!r} of this example before")
        if person == PREDICTIONS and is_fixes(Path(file)):
            verdicts.predictions[place] = _suggested(file, line, place, answer)
        else:
            verdicts.people.setdefault(place, {})[person] = answer


def _suggested(file: str, line: int, place: Place, answer: Answer) -> int:
    if place[0] != "train":
        what = "test" if place[0] == "test" else "validation"
        raise InputError(
            f"{file}, line {line}: the example is for {what}, and predictions would change its label; such labels are"
            " changed by people alone: look at it, and write your name into the column person"
        )
    if answer.label is None:
        raise InputError(f"{file}, line {line}: a verdict by predictions is one class")
    return answer.label


def _answers(
    file: str, origin: Origin, splits: Splits, examples: Examples, labels: dict[str, Labels]
) -> Iterator[tuple[int, Place, str, str, Answer]]:
    """Line, place, person, answer as written and as read."""
    names = splits.classes
    if not is_fixes(Path(file)):
        looked = read_looked(file)
        places = places_of_looked(file, looked, origin, splits, examples)
        for line, place in zip(looked, places, strict=True):
            yield line.line, place, line.person, line.label, _read(file, line.line, line.label, names)
        return
    for line in read_fixes(file):
        place = place_of_fix(file, line, examples)
        given = _given(file, line, place, splits, labels)
        is_keep = line.verdict.casefold() == KEEP and KEEP not in names
        answer = Answer((given,)) if is_keep else _read(file, line.line, line.verdict, names)
        yield line.line, place, line.person, line.verdict, answer


def _read(file: str, line: int, text: str, names: Sequence[str]) -> Answer:
    try:
        return read_answer(text, names)
    except InputError as error:
        raise InputError(f"{file}, line {line}: {error}") from error


def _given(file: str, line: FixLine, place: Place, splits: Splits, labels: dict[str, Labels]) -> int:
    """The given label of the line, which must be that of the example: as it was read, or as earlier files left it."""
    part, number = place
    given = _read(file, line.line, line.given, splits.classes).label
    now = {int(np.asarray(getattr(splits, f"{part}_labels"))[number]), int(labels[part][number])}
    if given is None or given not in now:
        has = splits.classes[labels[part][number]]
        raise InputError(
            f"{file}, line {line.line}: example {line.path or line.example} has the label {has!r}, and had"
            f" {line.given!r} when the file was written; it is of another data set, or the labels have changed"
        )
    return given


def _notes(
    files: Sequence[Path], verdicts: Verdicts, before: dict[str, Labels], labels: dict[str, Labels], trained: int
) -> tuple[str, ...]:
    """What was changed, in sentences."""
    what = " and ".join(file.name for file in files)
    changed = {part: int((np.asarray(before[part]) != own).sum()) for part, own in labels.items()}
    unclear = sum(agreed(list(answers.values())) is None for answers in verdicts.people.values())
    counts = ", ".join(f"{changed[part]:,} {_called(part)} labels" for part in labels)
    told = [f"people looked at {len(verdicts.people):,} examples, {what}, and changed {counts}"] * bool(verdicts.people)
    if unclear:
        told.append(f"{unclear:,} of these have no one class by what people say: their labels stay")
    if changed["test"]:
        told.append(
            "its changed test labels are of chosen examples, which may favour the losses by which these were chosen;"
            " what holds for the right labels says `lsbench decide --verified`"
        )
    if trained:
        told.append(
            f"{trained:,} training labels are trained on as predictions suggest, {what}; numbers are against the given"
            " ones"
        )
    return tuple(told)


def _called(part: str) -> str:
    return {"train": "training", "val": "validation", "test": "test"}[part]
