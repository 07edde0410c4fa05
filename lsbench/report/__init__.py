"""What a person reads: the tables and pages that numbers are written into.

It formats numbers and computes none: they come from `analysis`. Nothing here imports torch.
"""
