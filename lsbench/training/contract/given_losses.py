"""The names of the losses that a caller of `lsbench.compare` gives: names, and objects with or without a name."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lsbench.errors import InputError, require_number, shown
from lsbench.losses.modules import as_function
from lsbench.names.plain import several
from lsbench.names.reference import IN_PROCESS, keep_object
from lsbench.planning.hyper_axes import loss_and_option, require_effect, with_hyper


def names_of_losses(given: Any, hyper: Mapping[str, Any]) -> tuple[str, ...]:
    """The names by which everything else knows the losses, each once per combination of its hyperparameters' values.

    Args:
        given: a name or an object, several of them, or a dict that gives each object a name: {"soft": Mine(0.5)}.
        hyper: values by loss and hyperparameter, {"gce.q": [0.5, 0.7]}; an object is meant by its own name, too.

    Raises:
        InputError: what is no loss, a class in the place of an object of it, or a hyperparameter that no loss takes.
    """
    named = list(_named(given))
    texts = tuple(text for text, _ in named)
    axes = {}
    if not isinstance(hyper, Mapping):
        raise InputError(f'hyper takes {{"gce.q": [0.5, 0.7]}}, got {shown(hyper)}')
    for key, values in hyper.items():
        called, word = loss_and_option(str(key))
        if not called:
            raise InputError(f'hyper takes {{"gce.q": [0.5, 0.7]}}, got the key {key!r}')
        for value in several(values):
            require_number(f"{word} of {called}", value)
        for loss in [text for text, names in named if called in names] or [called]:
            axes[loss, word] = several(values)
    require_effect("hyper", texts, axes)
    return with_hyper(texts, axes)


def _named(given: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of each loss its name, and what else a caller may call it."""
    if not isinstance(given, Mapping):
        yield from (_name_of(loss) for loss in several(given))
        return
    for word, loss in given.items():
        if not str(word).isidentifier() and str(word) != str(loss):
            raise InputError(f"losses: {shown(word)} can't be a name; take letters, digits and _, such as 'soft'")
        yield _name_of(loss, str(word))


def _name_of(loss: Any, word: str = "") -> tuple[str, tuple[str, ...]]:
    if isinstance(loss, str | Path):
        if word not in ("", str(loss)):
            raise InputError(f"losses: {word!r} can't name {str(loss)!r}, which has a name; only objects are given one")
        return str(loss), ()
    if not callable(loss):
        raise InputError(f"loss must be a name or callable, got {shown(loss)}")
    own = getattr(loss, "__name__", type(loss).__name__)
    if isinstance(loss, type):
        raise InputError(
            f"loss {own!r} is a class, and a loss is called as f(logits, labels); make an object of it, {own}(...)"
        )
    as_function(own, loss)  # says what is wrong with a module
    text = keep_object("loss", loss, word)
    return text, (word or own, text.removeprefix(IN_PROCESS))
