"""Where a stack is trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lsbench.names.dataset_name import is_of_catalogue
from lsbench.spec.cell import Cell
from lsbench.spec.screening import Screening

DEVICES = ("auto", "cpu", "cuda")


class Doubt(NamedTuple):
    """What makes the numbers of some cells doubtful: it is stored in their rows, and shown with them."""

    part: str  # the field of the cell: dataset, model, loss
    name: str  # what that field is
    text: str  # a sentence


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a stack is trained; nothing here decides its result but the arithmetic of its device and engine."""

    device: str = "cpu"
    data_dir: Path | None = None
    models: Path | None = None  # the folder that trained weights are saved in, or None
    logits: Path | None = None  # the folder that predictions are saved in, or None
    metrics: tuple[str, ...] = ()  # the user's own, measured beside the catalogue's after the last epoch
    doubts: tuple[Doubt, ...] = ()  # what was found before training
    trusted: tuple[str, ...] = ()  # parts whose given labels the user vouches for: train, test
    per_example: bool = False  # whether rows bring what each test example got, of own data with all log-probs
    screening: Screening | None = None  # how the arms were chosen, where a cheaper study chose them
    engine: str = "torch"  # what computes the steps: a word of `lsbench.names.catalogue.engines`
    threads: int = 1  # of a stack, for an engine whose results do not depend on their number
    predictions: bool = False  # whether rows bring the log-probs of held-out and test examples of the catalogue's, too

    def keeps_predictions(self, cell: Cell) -> bool:
        """Whether a cell's row brings the log-probs of its held-out and its test examples."""
        return self.predictions or (self.per_example and not is_of_catalogue(cell.dataset))

    def doubts_of(self, cell: Cell) -> list[str]:
        """Those that are of this cell."""
        return [doubt.text for doubt in self.doubts if getattr(cell, doubt.part) == doubt.name]
