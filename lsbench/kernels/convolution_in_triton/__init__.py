"""A stack's convolution for CUDA, in Triton, with the cell as an axis of the grid: values, and both gradients.

Each program multiplies a tile of patches, which it gathers from the images, by the filters of one cell: no patch is
written to memory. `op` is imported when the form is to run, so that nothing else needs triton. `TRITON_INTERPRET=1`
runs it on a CPU.
"""
