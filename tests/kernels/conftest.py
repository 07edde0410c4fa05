"""The tests of the Triton kernel alone are collected where it is interpreted, or runs on a GPU."""

from tests.kernels.kernel_cases import INTERPRETED, ON

ALONE = ["test_triton_interpreted.py", "test_triton_sizes.py", "test_triton_convolution.py"]
collect_ignore = [] if INTERPRETED or ON.type == "cuda" else ALONE

if INTERPRETED:
    from triton.runtime.interpreter import InterpretedFunction

    as_it_is = InterpretedFunction.__call__

    def call(self, *args, **options):
        """A function that a kernel calls; Triton would make its language that of the interpreter again each time."""
        if not self.fn.__module__.startswith("lsbench."):
            return as_it_is(self, *args, **options)
        return self.rewrite()(*args, **options)

    InterpretedFunction.__call__ = call
