"""What is compared: a loss with its hyperparameters."""

from dataclasses import dataclass, field, replace

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
        return [f"{name}={_text(value)}" for name, value in self.hyper]


def eps_of(hyper: Hyper) -> float | None:
    """The smoothing mass, or None where there is none."""
    value = dict(hyper).get("eps")
    return None if isinstance(value, str) else value


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else exact(value)
