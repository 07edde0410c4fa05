"""The tests of the interpreted Triton kernel alone are collected where it is interpreted."""

from tests.kernels.kernel_cases import INTERPRETED

collect_ignore = [] if INTERPRETED else ["test_triton_interpreted.py", "test_triton_sizes.py"]
