"""A data set as a folder of images, one folder per class: its files are listed, decoded once, and the arrays are kept.

How the examples are split, and every other kind of data set, is in `data`. No torch here.
"""
