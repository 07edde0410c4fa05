"""A protocol and its published numbers, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lsbench.analysis.selection import RULES
from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.names.catalogue import METRICS, TEMPERATURES, temperature_of
from lsbench.names.registry import lookup
from lsbench.planning.study import Value
from lsbench.spec import Recipe
from lsbench.statistics import Spread

PROVENANCES = ("read", "recalled")  # at its source; from memory, to be shown as such
AXES = ("loss", "eps", "noise_kind", "noise", "dataset", "model")  # of a study, each a list or one value
WORDS = (*AXES, "seeds", "val", "folds", "train_size", *(f.name for f in fields(Recipe)))
POINT, POINT_REASON = 1.0, "one point is what such tables are usually argued over"  # the margin where none is given


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published number and its arm; a part of the arm is None where the study has only one value of it."""

    loss: str  # as the study writes it
    eps: float | None = None
    model: str | None = None
    noise_kind: str | None = None
    noise: float | None = None
    study: str = ""  # the name of its study
    metric: str = "accuracy"
    rule: str = "last"  # which epoch, see `lsbench.analysis.selection.RULES`
    temperature: str = ""  # after temperature scaling, see `catalogue.TEMPERATURES`; then of the last epoch
    value: float  # per cent for what is shown as a percentage
    sd: float | None = None  # of one run
    runs: int | None = None
    provenance: str
    by: str = ""  # whose number it is, where another source than the protocol's gives it
    margin: float | None = None  # instead of the protocol's

    def __post_init__(self) -> None:
        for word in (self.loss, self.metric, self.rule, self.temperature, self.by, self.study):
            if not isinstance(word, str):
                raise InputError(f"a published number: text was expected, got {word!r}")
        lookup(METRICS, "metric", self.metric)
        lookup(RULES, "rule", self.rule)
        require_choice("provenance", self.provenance, PROVENANCES)
        require_number("a published value", self.value)
        if self.sd is not None:
            require_number("a published sd", self.sd, 0)
        if self.runs is not None:
            require_whole("published runs", self.runs, 1, 10**6)
        if self.margin is not None:
            require_number("margin", self.margin, 1e-9)
        if self.temperature:
            lookup(TEMPERATURES, "temperature", temperature_of(self.temperature))
        if self.temperature and self.rule != "last":
            raise InputError(f"after temperature scaling there is only the last epoch, got rule {self.rule!r}")

    @property
    def quantity(self) -> str:
        """The number's name, as `summary.value_of` takes it."""
        return f"{self.temperature or self.rule}.{self.metric}"

    @property
    def scale(self) -> float:
        """What a row's number is multiplied by, to have the published unit."""
        return 100.0 if METRICS[self.metric].percent else 1.0

    @property
    def spread(self) -> Spread:
        """Mean, sd of one run, number of runs: where that is not known the fewest, which are two where there is an sd.

        The sd of one run is none.
        """
        runs = self.runs or (1 if self.sd is None else 2)
        return Spread(self.value, self.sd if runs > 1 else None, runs)


@dataclass(frozen=True)
class ProtocolStudy:
    """One grid of a protocol: the options of `run`, as a study file writes them."""

    name: str
    options: Mapping[str, Value]

    def axis(self, word: str) -> list[Any]:
        """The values of an axis, as they were written."""
        value = self.options.get(word, [])
        return value if isinstance(value, list) else [value]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A published protocol: its studies and the numbers that were published."""

    name: str
    title: str
    authors: str
    year: int
    venue: str
    studies: tuple[ProtocolStudy, ...]
    published: tuple[Published, ...] = ()
    margin: float = POINT  # a difference that does not matter, in the published unit
    margin_reason: str = POINT_REASON
    deviations: tuple[str, ...] = ()  # where this recipe is not, or may not be, the published one
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()  # options that the user must give; only dataset is allowed

    @property
    def source(self) -> str:
        """Authors, year and venue."""
        return f"{self.authors}, {self.year}, {self.venue}"

    def margin_of(self, published: Published) -> float:
        """Its own margin, or the protocol's."""
        return self.margin if published.margin is None else published.margin
