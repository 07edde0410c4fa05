"""What is shown of one data set's suspicious labels."""

from dataclasses import dataclass

from lsbench.analysis.looked import LookedTraining
from lsbench.analysis.suspects import Suspects
from lsbench.analysis.suspects.named import Suspect
from lsbench.data.alike.disagreeing import Disagreeing
from lsbench.data.description import Description


@dataclass(frozen=True)
class Listing:
    """The ranked examples of one data set with their names."""

    suspects: Suspects
    description: Description
    by_part: dict[str, list[Suspect]]  # train and test, what is there and asked for, the most suspicious first
    twins: Disagreeing
    looked: LookedTraining | None = None  # what people said of some training labels

    @property
    def lines(self) -> list[Suspect]:
        """All parts, training examples first."""
        return [one for some in self.by_part.values() for one in some]

    @property
    def suggesting(self) -> list[Suspect]:
        """Those for which another label is suggested, of all parts, the most suspicious first."""
        some = [one for one in self.lines if one.suggested != one.given]
        return sorted(some, key=lambda one: (-one.suspicion, one.example))

    def path(self, example: int) -> str:
        """What an example is called, or its number."""
        paths = self.description.paths
        return paths[example] if paths else f"{example}"
