"""The version, below everything else."""

__version__ = "0.3.0.dev0"
