"""File stems and words for settings; the names in a row are data and may hold anything."""

import re

from lsbench.analysis.summary import Setting
from lsbench.analysis.summary.setting_text import status_text
from lsbench.names.dataset_name import shown_dataset
from lsbench.rows.status import PUBLISHED
from lsbench.spec import NO_NOISE

LONGEST = 40  # characters of one name in a file's stem


def slug(text: str) -> str:
    """Lower-case letters, digits, dots and dashes only, never empty, never hidden."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower())[:LONGEST].strip("-.") or "x"


def stem(kind: str, *parts: str) -> str:
    """A file's stem, such as accuracy-noise-mnist-mlp-symmetric."""
    return "-".join([kind, *map(slug, parts)])


def unused(name: str, used: set[str]) -> str:
    """The name, or with -2, -3, ... the first that is not in use; it then is."""
    free, i = name, 1
    while free in used:
        i += 1
        free = f"{name}-{i}"
    used.add(free)
    return free


def rate_text(rate: float) -> str:
    """A rate in percent."""
    return f"{rate * 100:g} %"


def sweep_parts(setting: Setting) -> tuple[str, ...]:
    """What names a sweep."""
    return (shown_dataset(setting.dataset), setting.model, *([] if setting.noise == NO_NOISE else [setting.noise]))


def setting_parts(setting: Setting) -> tuple[str, ...]:
    """What names a setting."""
    unchanged = "as-given" if setting.trains_on_given else "clean"
    return (*sweep_parts(setting), unchanged if setting.noise == NO_NOISE else f"{setting.noise_rate:g}")


def sweep_text(setting: Setting) -> str:
    """A sweep's name for people."""
    status = status_text(setting)
    if not status:
        return ", ".join(sweep_parts(setting))
    if setting.train_labels == PUBLISHED:
        return ", ".join((*sweep_parts(setting), status))
    added = "" if setting.noise == NO_NOISE else f", {setting.noise} noise added"
    return f"{shown_dataset(setting.dataset)}, {setting.model}, {status}{added}"
