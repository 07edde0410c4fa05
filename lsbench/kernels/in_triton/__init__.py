"""The kernel for CUDA, in Triton: a row that fits on the chip is read once, a longer one twice.

`launch` is imported by `choose` when the kernel is to run, so that nothing else needs triton. `TRITON_INTERPRET=1` runs
it on a CPU.
"""
