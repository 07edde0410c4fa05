"""Published protocols: what was trained, and the numbers that came out, one TOML file each. No torch here."""

from lsbench.protocols.comparison import Reproduction, compare_published
from lsbench.protocols.narrow import epochs_changed, keep_losses, keep_rates, narrow, published_in
from lsbench.protocols.protocol import PROVENANCES, Protocol, Published, Study
from lsbench.protocols.read import names, read_protocol

__all__ = [
    "PROVENANCES",
    "Protocol",
    "Published",
    "Reproduction",
    "Study",
    "compare_published",
    "epochs_changed",
    "keep_losses",
    "keep_rates",
    "names",
    "narrow",
    "published_in",
    "read_protocol",
]
