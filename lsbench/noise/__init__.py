"""Label noise: `flip_labels` makes labels wrong, `passport` says what came out, `estimate_noise` guesses it blindly."""

from lsbench.noise.estimate import NoiseEstimate, estimate_noise
from lsbench.noise.flip import flip_labels
from lsbench.noise.passport import Passport, passport

__all__ = ["NoiseEstimate", "Passport", "estimate_noise", "flip_labels", "passport"]
