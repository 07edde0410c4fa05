"""Several values of a loss's hyperparameter: `--hyper gce.q=0.5,0.7` is `--loss gce:q=0.5,gce:q=0.7`."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.cross_fit import INNER
from lsbench.names.encoding import exact
from lsbench.planning.lists import Given, numbers

HyperAxes = Mapping[tuple[str, str], tuple[float, ...]]  # (loss, hyperparameter) -> its values


def hyper_axes(option: str, given: Given) -> HyperAxes:
    """The values of each hyperparameter; `InputError` for what is not written LOSS.NAME=VALUES, or given twice.

    given: one text, or several: each is one hyperparameter of one loss.

    Example:
        >>> hyper_axes("--hyper", ["gce.q=0.5,0.7", "sce.beta=0.1:0.3:0.1"])
        {('gce', 'q'): (0.5, 0.7), ('sce', 'beta'): (0.1, 0.2, 0.3)}
    """
    texts = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    axes: dict[tuple[str, str], tuple[float, ...]] = {}
    for text in map(str, texts):
        name, equals, values = text.partition("=")
        loss, hyper = loss_and_option(name.strip())
        if not (equals and loss and hyper) or "=" in values:
            raise InputError(
                f"{option} takes LOSS.NAME=VALUES such as gce.q=0.5,0.7, got {text!r}; repeat {option} for another"
            )
        if (loss, hyper) in axes:
            raise InputError(f"{option} {loss}.{hyper} is given twice; write its values as one list")
        axes[loss, hyper] = numbers(f"{option} {loss}.{hyper}", values)
    return axes


def loss_and_option(name: str) -> tuple[str, str]:
    """A hyperparameter's full name in two; the loss is empty where it is not said.

    Example:
        >>> loss_and_option("gce.q"), loss_and_option("prune.first.q"), loss_and_option("q")
        (('gce', 'q'), ('prune', 'first.q'), ('', 'q'))
    """
    loss, _, option = name.rpartition(".")
    outer, point, role = loss.rpartition(".")
    return (outer, f"{role}.{option}") if point and role in INNER else (loss, option)


def with_hyper(losses: Iterable[str], axes: HyperAxes) -> tuple[str, ...]:
    """The losses, each once per combination of the values it takes; one that was written with its own keeps it.

    Example:
        >>> with_hyper(("ce", "gce", "gce:q=0.3"), {("gce", "q"): (0.5, 0.7)})
        ('ce', 'gce:q=0.5', 'gce:q=0.7', 'gce:q=0.3')
    """
    return tuple(text for loss in losses for text in _written(loss, _axes_of(loss, axes)))


def require_effect(option: str, losses: Iterable[str], axes: HyperAxes) -> None:
    """Raise an `InputError` for a hyperparameter that no loss takes from here, or that has no value."""
    losses = tuple(losses)
    used = {(resolve.hyper(text)[0], name) for text in losses for name in _axes_of(text, axes)}
    for (loss, name), values in axes.items():
        if not values:
            raise InputError(f"{option} {loss}.{name} is empty; give at least one number")
        if (loss, name) not in used:
            there = any(resolve.hyper(text)[0] == loss for text in losses)
            why = f"{loss} has its own {name}" if there else f"the losses are {', '.join(losses)}; add {loss} to them"
            raise InputError(f"{option} {loss}.{name} has no effect: {why}")


def _axes_of(text: str, axes: HyperAxes) -> dict[str, tuple[float, ...]]:
    """The hyperparameters of a loss, as it was written, that get their values from the axes."""
    loss, own = resolve.hyper(text)[0], resolve.given_hyper(text)
    return {name: values for (of_loss, name), values in axes.items() if of_loss == loss and name not in own}


def _written(text: str, axes: Mapping[str, Sequence[float]]) -> list[str]:
    return [
        ":".join([text, *(f"{name}={exact(value)}" for name, value in zip(axes, values, strict=True))])
        for values in product(*axes.values())
    ]
