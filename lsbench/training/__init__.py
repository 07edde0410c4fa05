"""From cells to rows: objectives, the training loop, predictions, what is measured, and checks of own code.

Models, losses and data have rooms of their own, and `workers` runs this room in other processes. It needs torch.
"""
