"""From what a person writes to the object that is meant: the catalogue, references to own code, digests of sources.

What runs those objects lives in rooms of its own; nothing here imports torch.
"""
