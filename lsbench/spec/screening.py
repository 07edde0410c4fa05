"""How the arms of a study were chosen: as the best of a cheaper study, on its held-out examples."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from lsbench.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Screening:
    """A choice among the arms of a cheaper study: what it was made by, and what it has seen."""

    source: str  # the results folder of the cheaper study, as it was given
    setting: str  # that study in words: data set, models, noise
    by: str  # the criterion that chose, a name of `lsbench.analysis.criteria`
    top: int  # how many arms were asked for
    chosen: tuple[str, ...]  # their names, the best first
    held_out: tuple[tuple[str, float], ...]  # the mean number of each arm that could be chosen, the best first
    left_out: tuple[tuple[str, str], ...]  # the other arms, and why they could not be chosen
    runs: int  # cells of the cheaper study
    seeds: tuple[int, ...]  # that these cells had, and those of earlier choices
    dataset: str  # without its features
    fingerprint: str  # of the data set; "" of features, whose fingerprint is of the network, too
    earlier: tuple[str, ...] = ()  # names of the arms that earlier choices left behind, where it is not the first

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names of all arms that were trained in the cheaper study."""
        return tuple(name for name, _ in (*self.held_out, *self.left_out))

    def as_json(self) -> dict[str, Any]:
        """As plain values, lists in place of tuples."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: Any) -> "Screening":
        """The same again; `InputError` where the value is none."""
        if not isinstance(value, Mapping) or not (value.keys() >= NEEDED and value.keys() <= CHECKS.keys()):
            raise InputError(f"a screening has {', '.join(sorted(NEEDED))}")
        for name, one in value.items():
            if not CHECKS[name](one):
                raise InputError(f"{name} of a screening can't be {one!r:.60}")
        return cls(**{name: _frozen(one) for name, one in value.items()})


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and isfinite(value) and abs(value) < 1e100


def _are(check: Any) -> Any:
    return lambda value: isinstance(value, list | tuple) and all(map(check, value))


def _pair(second: Any) -> Any:
    return lambda value: isinstance(value, list | tuple) and len(value) == 2 and _is_text(value[0]) and second(value[1])


CHECKS: dict[str, Any] = {
    **dict.fromkeys(("source", "setting", "by", "dataset", "fingerprint"), _is_text),
    **dict.fromkeys(("top", "runs"), _is_whole),
    **dict.fromkeys(("chosen", "earlier"), _are(_is_text)),
    "held_out": _are(_pair(_is_number)),
    "left_out": _are(_pair(_is_text)),
    "seeds": _are(_is_whole),
}
NEEDED = CHECKS.keys() - {"earlier"}
