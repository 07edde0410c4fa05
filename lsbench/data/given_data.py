"""The name of a data set that a caller of `lsbench.compare` gives: a name, a path, or an object."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsbench.data.group_file import with_groups
from lsbench.data.relabelled.option import with_label_files
from lsbench.data.table.frame import is_frame
from lsbench.data.table.options import with_label
from lsbench.names.dataset_name import with_features
from lsbench.names.plain import several
from lsbench.names.reference import keep_object


def name_of_data(
    data: Any,
    *,
    label: str | None = None,
    labels: str | Path | Sequence[str | Path] | None = None,
    groups: str | Path | None = None,
    features: str | None = None,
) -> str:
    """The name by which everything else knows the data, with their labels, groups and features.

    Args:
        data: a name or a path; a function that returns data; else what such a function returns.
        label: the column of the labels, of a table.
        labels: files that change labels, or of a folder hold them.
        groups: file, or column, of the groups.
        features: the name of a network.

    Raises:
        InputError: what the name has already, or what can't be of such data.
    """
    if label is not None and is_frame(data):
        data, label = (data, label), None
    name = str(data) if isinstance(data, str | Path) else keep_object("data", _as_function(data))
    name = name if label is None else with_label(name, str(label))
    files = [str(file) for file in several(() if labels is None else labels)]
    name = with_label_files(name, files) if files else name
    name = name if groups is None else with_groups(name, str(groups))
    return name if features is None else with_features(name, features)


def _as_function(data: Any) -> Any:
    """Arrays, tables or Datasets as a function that returns them."""
    if callable(data):
        return data

    # the ids of rows are made of the two lines of this function, too
    def given() -> Any:
        return data

    return given
