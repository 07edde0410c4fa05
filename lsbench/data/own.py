"""A data set that a function of the user's makes: four arrays, or torch data sets."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lsbench.data.division_options import WITH_ALIKE, require_undivided
from lsbench.data.relabelled.option import LABELS, require_only_changes
from lsbench.data.several_people import one_label_each
from lsbench.data.splits import Splits
from lsbench.data.table.frame import (
    FRAME_OPTIONS,
    column_names,
    frame_values,
    in_order,
    is_frame,
    labelled_frame,
    read_frame,
)
from lsbench.data.tidy import check_parts, tidy_images
from lsbench.data.undivided import Whole, divided
from lsbench.data.votes import FORMS, Choice, Votes, read_choice
from lsbench.errors import InputError
from lsbench.names.calling import call_own, takes
from lsbench.names.executed import same_search_path
from lsbench.names.reference import Reference, Value, load_own

ALLOWED = (
    "it may return (train_images, train_labels, test_images, test_labels) as tensors or arrays,"
    " (train, test) or (train, test, val) as torch Datasets of (image, label),"
    " or a dict of such Datasets by these names; or (images, labels), one such Dataset, or a DataFrame, to be divided"
)
WHOLE = "whole"  # the only part of data in one piece
OPTIONS = (*FORMS, *WITH_ALIKE, *FRAME_OPTIONS)  # that are not handed to a function without a parameter of that name
READ_TWICE = 4  # examples, to notice random transforms


@same_search_path()
def read_own(name: str, options: Mapping[str, Value], group: str = "") -> Splits:
    """What the user's `package.module:function` returns, called with the options of the name as its keywords.

    Images are (n, h, w), (n, C, h, w) or (n, h, w, C), of bytes or any finite floats; vectors are (n, d), or a
    DataFrame, of which `group` is the column of the groups. Labels are as
    for `tidy_labels`, or several people's with the option annotators= or counts=: see `lsbench.data.votes`. An image of
    a torch Dataset is a tensor, an array or a PIL image. `InputError` says what was returned instead.
    """
    given = load_own(name)
    its_own = {word: value for word, value in options.items() if word not in OPTIONS or takes(given, word)}
    ours = {word: value for word, value in options.items() if word not in its_own}
    if not takes(given, LABELS):
        require_only_changes(Reference(name, its_own))
    made = call_own("data set", name, given, its_own) if callable(given) else given
    if table := labelled_frame(made):
        return read_frame(repr(name), *table, ours, group)
    _require_no_frame(name, ours, group)
    choice = read_choice(ours)
    parts, classes = _parts(name, made)
    columns = column_names(next(iter(parts.values()))[0])
    if WHOLE in parts:
        images, labels, votes = _tidied(name, "train", *parts[WHOLE], choice)
        return divided(repr(name), Whole(images, labels, votes, classes), ours)._replace(columns=columns)
    require_undivided(repr(name), ours)
    tidy = [_tidied(name, part, *arrays, choice) for part, arrays in parts.items()]
    arrays = (array for images, labels, _ in tidy for array in (images, labels))
    return check_parts(repr(name), Splits(*arrays, classes=classes, train_votes=tidy[0][2], columns=columns))


def _require_no_frame(name: str, options: Mapping[str, Value], group: str) -> None:
    if given := [word for word in FRAME_OPTIONS if word in options]:
        raise InputError(f"data set {name!r} takes no option {given[0]!r}, which is for a table with names of columns")
    if group:
        raise InputError(f"groups of {name!r}: no file {group!r}; give a file of groups, FILE.csv or FILE.csv:COLUMN")


def _parts(name: str, made: Any) -> tuple[dict[str, tuple[Any, Any]], tuple[str, ...]]:
    """Images and labels of train, test and perhaps val, and the names of classes where the data set knows them."""
    if isinstance(made, Mapping) and {"train", "test"} <= set(made) <= {"train", "test", "val"}:
        made = [made[part] for part in ("train", "test", "val") if part in made]
    if _is_dataset(made) and not isinstance(made, tuple | list | Mapping):
        return {WHOLE: _examples(repr(name), made)}, _class_names(made)
    if not isinstance(made, tuple | list):
        raise InputError(f"data set {name!r} returned {_what(made)}; {ALLOWED}")
    if len(made) == 4 and all(map(_is_array, made)):
        test = in_order(f"test examples of {name!r}", made[2], made[0])
        return {"train": (made[0], made[1]), "test": (test, made[3])}, ()
    if len(made) == 2 and all(map(_is_array, made)):
        return {WHOLE: (made[0], made[1])}, ()
    if len(made) in (2, 3) and all(map(_is_dataset, made)):
        parts = dict(zip(("train", "test", "val"), made, strict=False))
        examples = {part: _examples(f"{part} of {name!r}", dataset) for part, dataset in parts.items()}
        return examples, _class_names(made[0])
    raise InputError(f"data set {name!r} returned {_what(made)}; {ALLOWED}")


def _tidied(
    name: str, part: str, images: Any, labels: Any, choice: Choice | None
) -> tuple[np.ndarray, np.ndarray, Votes | None]:
    what = f"{part} images of {name!r}", f"{part} labels of {name!r}"
    given = frame_values(f"the {part} set of {name!r}", images) if is_frame(images) else _array(images)
    tidy = tidy_images(what[0], given, channels_last=False)
    return tidy, *one_label_each(what[1], _array(labels), choice, part)


def _examples(what: str, dataset: Any) -> tuple[np.ndarray, np.ndarray]:
    """All images and labels of a torch Dataset, one by one."""
    try:
        pairs = [_example(dataset[i]) for i in range(len(dataset))]
        again = [_example(dataset[i])[0] for i in range(min(len(dataset), READ_TWICE))]
    except (Exception, SystemExit) as error:  # whatever the user's data set raises, they are told in a sentence
        raise InputError(f"{what} can't be read: {type(error).__name__}: {error}; {ALLOWED}") from error
    shapes = {image.shape for image, _ in pairs}
    if len(shapes) != 1:
        raise InputError(f"{what}: {_shapes(shapes)}; add torchvision's Resize and CenterCrop to its transform")
    if any(not np.array_equal(a, pairs[i][0], equal_nan=True) for i, a in enumerate(again)):
        raise InputError(f"{what} gives another image each time; leave random transforms to --augment")
    return np.stack([image for image, _ in pairs]), _stacked(what, [label for _, label in pairs])


def _stacked(what: str, labels: list[np.ndarray]) -> np.ndarray:
    try:
        return np.array(labels)
    except ValueError as error:  # one has more than another
        raise InputError(f"the labels of {what} have several shapes ({error}); an example has one class") from error


def _example(item: Any) -> tuple[np.ndarray, Any]:
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise InputError(f"an example must be (image, label), got {_what(item)}")
    image, label = item
    return _array(image), np.asarray(_array(label))


def _array(value: Any) -> np.ndarray:
    """A tensor of any device, an array, a PIL image or a number, as an array."""
    if not hasattr(value, "detach"):
        return np.asarray(value)
    value = value.detach().cpu()
    return (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()


def _is_array(value: Any) -> bool:
    """Of numpy, torch or pandas, or a list."""
    return isinstance(value, list) or hasattr(value, "__array__")


def _is_dataset(value: Any) -> bool:
    return not _is_array(value) and hasattr(value, "__getitem__") and hasattr(value, "__len__")


def _class_names(dataset: Any) -> tuple[str, ...]:
    names = getattr(dataset, "classes", ())
    return tuple(map(str, names)) if isinstance(names, list | tuple) else ()


def _shapes(shapes: set[tuple[int, ...]]) -> str:
    listed = sorted(map(str, shapes))
    return f"images of {len(listed)} shapes ({', '.join(listed[:3])})" if listed else "no example"


def _what(value: Any) -> str:
    """What a value is, in a few words."""
    if callable(value):
        return f"a {type(value).__name__}, which can be called (of a loss or a model name the object: mine = make())"
    if isinstance(value, Mapping):
        return f"a dict of {', '.join(map(repr, list(value)[:8])) or 'nothing'}"
    if isinstance(value, tuple | list):
        return f"{len(value)} things ({', '.join(type(item).__name__ for item in value[:8])})"
    return type(value).__name__
