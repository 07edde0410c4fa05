"""Data sets, whole in memory: where their files are, how they are read, how they are split."""
