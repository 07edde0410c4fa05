"""Arrays in files that anybody may have written, of labels or groups: an array, or an error in a sentence."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lsbench.data.pickled import pickled_array_text
from lsbench.errors import InputError


def read_array(path: Path, key: str | None = None) -> np.ndarray:
    """The array of a `.npy`, or that of a `.npz` with this key, or its only one; `InputError` where there is none."""
    try:
        with path.open("rb") as stream:
            content = np.load(stream, allow_pickle=False)
            # an archive's other files come as bytes
            return content if isinstance(content, np.ndarray) else np.asarray(content[_key(path, key, content)])
    except InputError:
        raise
    except ValueError as error:
        if "Object arrays" in str(error):
            raise InputError(pickled_array_text(str(path))) from error
        raise InputError(f"can't read {path}: {type(error).__name__}: {error}") from error
    except Exception as error:  # whatever is wrong with the bytes, numpy or zipfile say it in many ways
        raise InputError(f"can't read {path}: {type(error).__name__}: {error}") from error


def _key(path: Path, key: str | None, arrays: Mapping[str, np.ndarray]) -> str:
    keys = sorted(arrays)
    if key is None and len(keys) == 1:
        return keys[0]
    if key not in keys:
        asked = "which of its arrays" if key is None else f"no array {key!r}"
        raise InputError(f"{path}: {asked}; write {path}:KEY with one of {', '.join(keys) or '(it is empty)'}")
    return key
