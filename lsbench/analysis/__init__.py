"""From rows to numbers and verdicts: averages per setting, choices of eps, decisions, adaptive seeds.

Tests and intervals on plain arrays are in `statistics`, what people see in `report`; nothing here imports torch.
"""
