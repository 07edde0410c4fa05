"""lsbench: which loss, and how much label smoothing, to train with when some labels are wrong."""

__version__ = "0.2.0"
