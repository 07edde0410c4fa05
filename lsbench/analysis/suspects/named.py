"""Ranked examples by what they are called in their data set."""

from typing import NamedTuple

from lsbench.analysis.suspects.of_rows import Suspects
from lsbench.analysis.suspects.ranking import TEST, Ranking
from lsbench.data.description import Description


class Suspect(NamedTuple):
    """One example with the label that it was given, and what predictions suggest."""

    rank: int  # in its part, 1 for the most suspicious
    part: str  # train, val (a validation example of the set's own) or test
    number: int  # in its part, as `Ranking` numbers it
    example: int  # its number among all, as `lsbench order` prints it
    path: str  # below the folder, or a name; "" where it has none
    given: str  # the names of classes
    suggested: str
    suspicion: float
    margin: float
    disagree: float
    seeds: int


COLUMNS = (
    *("rank", "part", "example", "path", "given", "suggested"),
    *("suspicion", "margin", "disagree", "seeds"),
)


def named(suspects: Suspects, ranking: Ranking, description: Description) -> list[Suspect]:
    """Each example of a ranking, in its order."""
    before = description.train_examples + description.val_examples if ranking.part == TEST else 0
    names = suspects.classes
    columns = (ranking.numbers, ranking.given, ranking.suggested, ranking.suspicion)
    more = (ranking.margin, ranking.disagree, ranking.seeds)
    lines = zip(*(column.tolist() for column in (*columns, *more)), strict=True)
    return [
        Suspect(
            place,
            part_of(ranking.part, number, description),
            number,
            before + number,
            path_of(before + number, description),
            names[given],
            names[suggested],
            suspicion,
            *rest,
        )
        for place, (number, given, suggested, suspicion, *rest) in enumerate(lines, 1)
    ]


def part_of(part: str, number: int, description: Description) -> str:
    """The part as `lsbench order` names it: validation examples of the set's own follow the training examples."""
    return "val" if part != TEST and number >= description.train_examples else part


def path_of(example: int, description: Description) -> str:
    """What an example is called; "" where the data set has no names."""
    return description.paths[example] if description.paths else ""
