"""The tests of the interpreted Triton kernel alone are collected where it is interpreted."""

from kernel_cases import INTERPRETED

collect_ignore = [] if INTERPRETED else ["test_triton_interpreted.py"]
