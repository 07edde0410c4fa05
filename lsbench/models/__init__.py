"""Models: plain `nn.Sequential`s, and the stack that trains many copies of one as a single program.

Their names and recipes are in `names.catalogue`; the loop that trains them is in `training`.
"""
