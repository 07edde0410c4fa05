"""Published protocols: what was trained, and the numbers that came out, one TOML file each; and our rows beside them.

The training and the printing are in `cli`, and the test of two numbers in `statistics`. No torch here.
"""

from lsbench.protocols.narrow import narrow
from lsbench.protocols.protocol import Protocol, ProtocolStudy, Published
from lsbench.protocols.read import names, read_protocol
from lsbench.protocols.reproduction import Reproduction, compare_published

__all__ = [
    "Protocol",
    "ProtocolStudy",
    "Published",
    "Reproduction",
    "compare_published",
    "names",
    "narrow",
    "read_protocol",
]
