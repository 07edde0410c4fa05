"""Smoothed cross-entropy as one fused operation, with the kernel that suits the device.

Losses for a training loop are in `losses`, which calls this room. Importing it compiles nothing; the first call does.
"""

from lsbench.kernels.choose import KERNELS, available
from lsbench.kernels.linear import fused_linear_smoothed_cross_entropy
from lsbench.kernels.smoothed import smoothed_cross_entropy

__all__ = ["KERNELS", "available", "fused_linear_smoothed_cross_entropy", "smoothed_cross_entropy"]
