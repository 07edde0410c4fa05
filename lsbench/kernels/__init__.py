"""Smoothed cross-entropy as one fused operation, with the kernel that suits the device; importing it builds nothing."""

from lsbench.kernels.choose import KERNELS, available
from lsbench.kernels.linear import fused_linear_smoothed_cross_entropy
from lsbench.kernels.smoothed import smoothed_cross_entropy

__all__ = ["KERNELS", "available", "fused_linear_smoothed_cross_entropy", "smoothed_cross_entropy"]
