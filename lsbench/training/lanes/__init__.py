"""An engine for small networks on a CPU: compiled C++ that trains up to 16 cells in lock step, a cell per SIMD lane.

It computes logits and gradients; losses, optimisers and all else are torch's. The room knows networks and seeds, and
nothing of cells, rows or files; `lsbench.names.catalogue.engines` is the only place that names it.
"""
