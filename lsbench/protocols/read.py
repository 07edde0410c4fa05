"""Reading a protocol: one of the package's by its name, or a user's file."""

import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.names.registry import lookup
from lsbench.protocols.protocol import POINT, POINT_REASON, WORDS, Protocol, ProtocolStudy, Published

SUFFIX = ".toml"
SOURCE = ("authors", "year", "venue")
KEYS = ("name", "title", "source", "study", "every", "published", "margin", "margin_reason")
LISTS = ("deviations", "notes", "asks")
NARROWED = ("loss", "eps", "model", "noise_kind", "noise")  # what a published number may say of its arm


def names() -> list[str]:
    """The protocols of the package."""
    folder = files("lsbench.protocols")
    return sorted(file.name.removesuffix(SUFFIX) for file in folder.iterdir() if file.name.endswith(SUFFIX))


def read_protocol(name: str) -> Protocol:
    """A protocol by name, or from PATH.toml; `InputError` for an unknown name or an error in the file.

    The file: name, title, [source] with authors, year and venue, [study] or several named [[study]] with the options of
    `run`, [every] that all published numbers share, [[published]], and margin, margin_reason, deviations, notes, asks.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
    else:
        path = files("lsbench.protocols") / f"{lookup({word: word for word in names()}, 'protocol', name)}{SUFFIX}"
    try:
        return _protocol(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise InputError(f"protocol {name}: {error.strerror}; see the known ones with --list") from error
    except (InputError, ValueError, TypeError) as error:
        raise InputError(f"protocol {name}: {error}") from error


def _protocol(values: dict[str, Any]) -> Protocol:
    _require_words("key", values, (*KEYS, *LISTS))
    source, every, published = values.get("source", {}), values.get("every", {}), values.get("published", [])
    _require_words("part of the source", source, SOURCE)
    if not isinstance(published, list):
        raise InputError(f"published: a list was expected, got {published!r}")
    for one in (every, *published):
        _require_words("part of a published number", one, [f.name for f in fields(Published)])
    studies = _studies(values.get("study"))
    require_number("margin", margin := values.get("margin", POINT), 1e-9)
    require_whole("year", source.get("year", 0), 0, 3000)
    return Protocol(
        name=_text(values, "name"),
        title=_text(values, "title"),
        authors=_text(source, "authors"),
        year=source.get("year", 0),
        venue=_text(source, "venue"),
        studies=studies,
        published=tuple(_published({**every, **one}, studies) for one in published),
        margin=margin,
        margin_reason=_text({"margin_reason": POINT_REASON, **values}, "margin_reason"),
        deviations=_texts(values, "deviations"),
        notes=_texts(values, "notes"),
        asks=_asks(values),
    )


def _studies(given: Any) -> tuple[ProtocolStudy, ...]:
    tables = given if isinstance(given, list) else [given]
    if not given or not all(isinstance(table, dict) for table in tables):
        raise InputError("a protocol needs a [study] table of run's options, or several [[study]] with names")
    studies = tuple(_study(dict(table)) for table in tables)
    if len({study.name for study in studies}) < len(studies):
        raise InputError("each of several [[study]] tables needs a name of its own")
    return studies


def _study(table: dict[str, Any]) -> ProtocolStudy:
    name = table.pop("name", "")
    options = {word.replace("-", "_"): value for word, value in table.items()}
    _require_words("option", options, WORDS)
    if not options.get("loss") or "epochs" not in options:
        raise InputError("a study must say its losses and epochs: they are what is filtered and scaled")
    require_whole("epochs of a study", options["epochs"], 1, 10**6)
    return ProtocolStudy(name, options)


def _published(values: dict[str, Any], studies: tuple[ProtocolStudy, ...]) -> Published:
    for needed in ("loss", "value", "provenance"):
        if needed not in values:
            raise InputError(f"a published number needs {needed}, got {values}")
    published = Published(**values)
    study = lookup({study.name: study for study in studies}, "study", published.study)
    for word in NARROWED:
        given, allowed = getattr(published, word), study.axis(word)
        if given is None and len(allowed) > 1 and word != "eps":
            raise InputError(f"a published number of {published.loss} must say its {word}: {allowed}")
        if given is not None and given not in allowed:
            raise InputError(f"a published number is of {word} {given}, its study has {allowed}")
    return published


def _require_words(kind: str, values: Any, allowed: Any) -> None:
    if not isinstance(values, dict):
        raise InputError(f"a table was expected, got {values!r}")
    for word in values:
        lookup({name: name for name in allowed}, kind, word)


def _text(values: dict[str, Any], key: str) -> str:
    if not isinstance(values.get(key), str):
        raise InputError(f"{key} must be text, got {values.get(key)!r}")
    return values[key]


def _asks(values: dict[str, Any]) -> tuple[str, ...]:
    for word in (asks := _texts(values, "asks")):
        require_choice("what a protocol asks for", word, ("dataset",))
    return asks


def _texts(values: dict[str, Any], key: str) -> tuple[str, ...]:
    texts = values.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{key} must be a list of texts, got {texts!r}")
    return tuple(texts)
