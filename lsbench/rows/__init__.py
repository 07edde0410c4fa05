"""Finished results: a row per cell as a file, where it came from, and whether two rows say the same.

What rows mean, averages and verdicts, is in `analysis`; nothing here imports torch.
"""
