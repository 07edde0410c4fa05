"""Published protocols: what was trained, and the numbers that came out, one TOML file each; and our rows beside them.

The training and the printing are in `cli`, and the test of two numbers in `statistics`. No torch here.
"""

from lsbench.protocols.narrow import epochs_changed, keep_losses, keep_rates, narrow, published_in
from lsbench.protocols.protocol import PROVENANCES, Protocol, ProtocolStudy, Published
from lsbench.protocols.read import names, read_protocol
from lsbench.protocols.reproduction import Reproduction, compare_published

__all__ = [
    "PROVENANCES",
    "Protocol",
    "ProtocolStudy",
    "Published",
    "Reproduction",
    "compare_published",
    "epochs_changed",
    "keep_losses",
    "keep_rates",
    "names",
    "narrow",
    "published_in",
    "read_protocol",
]
