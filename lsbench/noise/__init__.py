"""Label noise: `flip_labels` makes labels wrong, `passport` says what came out, `estimate_noise` guesses it blindly.

The names are imported when they are first asked for, because `lsbench.noise.files` and `lsbench.noise.convention`
are read by commands that must start without torch.
"""

from typing import TYPE_CHECKING

from lsbench.names.registry import lazily

if TYPE_CHECKING:
    from lsbench.noise.estimate import NoiseEstimate, estimate_noise
    from lsbench.noise.flip import flip_labels
    from lsbench.noise.passports import Passport, passport

__all__ = ["NoiseEstimate", "Passport", "estimate_noise", "flip_labels", "passport"]

HOMES = {
    "NoiseEstimate": "estimate",
    "Passport": "passports",
    "estimate_noise": "estimate",
    "flip_labels": "flip",
    "passport": "passports",
}
__getattr__ = lazily(__name__, HOMES)
