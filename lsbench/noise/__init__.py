"""Label noise: makes labels wrong in a defined way, records it, tells how many predictions contradict, cleans labels.

Here are the kinds of noise and the readers of label and matrix files. Which names there are is in `names.catalogue`;
losses that correct for noise are in `losses`. Names are imported when they are first asked for, because commands that
must start without torch read `lsbench.noise.files`, `lsbench.noise.inputs` and `lsbench.noise.convention`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsbench.names.registry import lazily

if TYPE_CHECKING:
    from lsbench.noise.clean import Cleaned, estimate_matrix, prune, relabel
    from lsbench.noise.estimate import NoiseEstimate, estimate_noise
    from lsbench.noise.flip import flip_labels
    from lsbench.noise.record import NoiseRecord, noise_record

__all__ = [
    "Cleaned",
    "NoiseEstimate",
    "NoiseRecord",
    "estimate_matrix",
    "estimate_noise",
    "flip_labels",
    "noise_record",
    "prune",
    "relabel",
]

HOMES = {
    "Cleaned": "clean",
    "NoiseEstimate": "estimate",
    "NoiseRecord": "record",
    "estimate_matrix": "clean",
    "estimate_noise": "estimate",
    "flip_labels": "flip",
    "noise_record": "record",
    "prune": "clean",
    "relabel": "clean",
}
RENAMED = {"Passport": "NoiseRecord", "passport": "noise_record"}  # names of 0.2.0, which go on working
__getattr__: Callable[[str], Any] = lazily(__name__, HOMES, RENAMED)
