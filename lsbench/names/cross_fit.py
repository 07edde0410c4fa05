"""The options of a loss that trains other networks first: `forward:first=gce:first.q=0.5`, `prune:loss=lsr`."""

from collections.abc import Mapping

from lsbench.errors import InputError, shown
from lsbench.names.catalogue import LOSSES, LossEntry
from lsbench.names.registry import lookup

INNER = ("first", "loss")  # options that name a loss: of the networks that are trained first, of the last one
WORDS = ("by", "matrix", *INNER)  # options whose values are words
ESTIMATED, KNOWN = "estimated", "known"  # where a noise matrix is from; any other word is a file

Options = dict[str, float | str]


def cross_fit_options(name: str, given: Mapping[str, object]) -> Options:
    """All options of such a loss, sorted by name, those of an inner loss only where they are not its defaults.

    None at all where the matrix is known: it is given, no other network is trained, and rows of 0.2.0 have none.
    `InputError` for an option that there is not, or a value that it can't have.
    """
    entry = LOSSES[name]
    matrix = str(given.get("matrix", entry.cross_fit.get("matrix", ESTIMATED)))
    if "matrix" in entry.cross_fit and matrix != ESTIMATED:
        _require_alone(name, matrix, given)
        return {} if matrix == KNOWN else {"matrix": matrix}
    own = {option: value for option, value in given.items() if not is_inner(option) and option != "matrix"}
    values = {**entry.cross_fit, **{option: _own_value(name, entry, option, value) for option, value in own.items()}}
    inner = (_inner_value(name, values, option, value) for option, value in given.items() if is_inner(option))
    return dict(sorted({**values, **{option: value for one in inner for option, value in one.items()}}.items()))


def is_inner(option: str) -> bool:
    """Whether an option is of an inner loss: `first.q`."""
    return option.partition(".")[0] in INNER and "." in option


def shown_options(name: str, options: Mapping[str, float | str]) -> Options:
    """Those that are written in a name: what is not the default."""
    usual = LOSSES[name].cross_fit if name in LOSSES else {}
    if usual and not options:
        return {"matrix": KNOWN}
    return {option: value for option, value in options.items() if usual.get(option) != value}


def _require_alone(name: str, matrix: str, given: Mapping[str, object]) -> None:
    if others := sorted(set(given) - {"matrix"}):
        raise InputError(
            f"{name!r} with matrix={matrix} trains no other network, and takes no other option; leave out"
            f" {', '.join(others)}, or the matrix to have it estimated"
        )


def _own_value(name: str, entry: LossEntry, option: str, value: object) -> float | str:
    lookup(entry.cross_fit, f"option of {name}", option)
    if option in INNER:
        return _inner_loss(name, option, str(value))
    entry.require(name, option, value)
    return float(value) if isinstance(value, int | float) else str(value)


def _inner_loss(name: str, option: str, loss: str) -> str:
    """A loss that one network is trained by, on labels alone; `InputError` for another."""
    lookup(LOSSES, f"loss as {option} of {name}", loss)
    if LOSSES[loss].cross_fit:
        plain = ", ".join(word for word, entry in LOSSES.items() if not entry.cross_fit)
        raise InputError(f"{option} of {name} must be a loss that trains one network: {plain}; got {loss}")
    return loss


def _inner_value(name: str, values: Options, option: str, value: object) -> Options:
    """An option of an inner loss, or nothing where it has its default."""
    role, _, word = option.partition(".")
    if role not in values:
        raise InputError(f"{name!r} has no inner loss {role!r}, got {option}={shown(value)}")
    loss = LOSSES[str(values[role])]
    if not loss.hyper:
        raise InputError(f"{option} of {name}: {role} is {values[role]}, which takes no option")
    lookup(loss.hyper, f"hyperparameter of {values[role]}, {role} of {name}", word)
    loss.require(f"{values[role]}, {role} of {name}", word, value)
    number = float(value)  # type: ignore[arg-type]  checked above
    return {} if number == loss.hyper[word] else {option: number}
