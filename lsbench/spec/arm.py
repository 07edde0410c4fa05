"""What is compared: a loss with its hyperparameters."""

from dataclasses import dataclass, field, replace

from lsbench.names.catalogue import LOSSES
from lsbench.names.cross_fit import ESTIMATED, KNOWN, shown_options
from lsbench.names.encoding import exact

Hyper = tuple[tuple[str, float | str], ...]  # hyperparameters by name, in the order of the loss; a few are words


@dataclass(frozen=True, order=True)
class Arm:
    """What is compared: a loss with its hyperparameters. Equal arms are one; cells and rows are grouped by it."""

    loss: str
    hyper: Hyper = ()
    source: str = ""  # hash of the code of a loss that is the user's own; "" for one of the catalogue
    tag: str = field(default="", compare=False)  # @ and 6 digits, where several versions of the loss are shown

    @property
    def eps(self) -> float | None:
        """The smoothing mass, or None for a loss that has none."""
        return eps_of(self.hyper)

    @property
    def without_eps(self) -> "Arm":
        """The same, whatever its eps."""
        return replace(self, hyper=tuple(item for item in self.hyper if item[0] != "eps"))

    @property
    def tagged_loss(self) -> str:
        """The loss, with its version where several are shown."""
        return f"{self.loss}{self.tag}"

    @property
    def shown(self) -> Hyper:
        """The hyperparameters that stand in its name: all, but of a loss that trains other networks the unusual."""
        return tuple(shown_options(self.loss, dict(self.hyper)).items())

    @property
    def is_oracle(self) -> bool:
        """Whether it is given the true noise matrix, which nobody has of labels of their own."""
        return dict(self.shown).get("matrix") == KNOWN

    @property
    def matrix_file(self) -> str:
        """The file of the noise matrix that it is given; "" of most."""
        matrix = dict(self.shown).get("matrix", ESTIMATED) if self.loss in LOSSES else ESTIMATED
        return "" if matrix in (KNOWN, ESTIMATED) else str(matrix)

    @property
    def cross_fit(self) -> "CrossFit | None":
        """The networks that are trained before its own; None of most."""
        options = dict(self.hyper)
        return CrossFit(self._inner("first"), int(options["folds"])) if "first" in options else None

    @property
    def networks(self) -> int:
        """How many networks a cell trains: 1 for most."""
        return 1 + (self.cross_fit.folds if self.cross_fit else 0)

    @property
    def last(self) -> "Arm":
        """The loss of its own network, without what is done before it is trained."""
        if "loss" in dict(self.hyper):
            return self._inner("loss")
        return replace(self, hyper=()) if self.loss in LOSSES and LOSSES[self.loss].cross_fit else self

    def _inner(self, role: str) -> "Arm":
        """The loss that an option names, with the options that are its own."""
        loss = str(dict(self.hyper)[role])
        own = {name.partition(".")[2]: value for name, value in self.hyper if name.startswith(f"{role}.")}
        return Arm(loss, tuple({**LOSSES[loss].hyper, **own}.items()))

    @property
    def name(self) -> str:
        """As a person reads it: `lsr 0.1`, `gce q=0.5`, or `loss alpha=0.1 eps=0.2`."""
        if [name for name, _ in self.hyper] == ["eps"]:
            return f"{self.tagged_loss} {_text(self.hyper[0][1])}"
        return " ".join([self.tagged_loss, *self._values])

    @property
    def typed(self) -> str:
        """As `--loss` takes it: `gce:q=0.5`."""
        return ":".join([self.loss, *self._values])

    @property
    def _values(self) -> list[str]:
        return [f"{name}={_text(value)}" for name, value in self.shown]


@dataclass(frozen=True)
class CrossFit:
    """Networks that are trained on all folds but one, and predict that one: every example by one that never saw it."""

    first: Arm  # their loss
    folds: int

    @property
    def epochs(self) -> float:
        """What they cost beside one network on all examples: each of them trains on all folds but one."""
        return self.folds - 1.0


def is_oracle(arm: Arm) -> bool:
    """Whether an arm is given the true noise matrix, as `forward:matrix=known`: see `Arm.is_oracle`."""
    return arm.is_oracle


def eps_of(hyper: Hyper) -> float | None:
    """The smoothing mass, or None where there is none."""
    value = dict(hyper).get("eps")
    return None if isinstance(value, str) else value


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else exact(value)
