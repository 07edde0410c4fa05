"""Data sets, whole in memory: where their files are, how they are read, described, split and augmented.

Wrong labels are made in `noise`, and batches in `training`. What only describes a data set imports no torch.
"""
