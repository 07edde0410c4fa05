"""From options or a study file to cells: grids, recipes, what can be trained, and what it will cost.

Nothing is trained here, and nothing here imports torch, not even to find losses that are the same function.
"""
