"""The user's own parts tried before training: what is broken ends the command, a doubt is one line."""

from collections.abc import Sequence
from dataclasses import replace

from lsbench.cli.say import say
from lsbench.spec import Cell, Place


def probed(cells: Sequence[Cell], place: Place) -> Place:
    """The place with the doubts about these cells, each told once; `InputError` for a part that is broken."""
    from lsbench.training.contract.probe import probe

    known = set(place.doubts)
    doubts = probe(cells, place.data_dir, place.metrics, place.device)
    for doubt in doubts:
        if doubt not in known:
            say(f"warning: {doubt.text}")
    return replace(place, doubts=tuple(dict.fromkeys((*place.doubts, *doubts))))
