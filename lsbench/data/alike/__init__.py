"""Near-duplicates: images that show the same picture in slightly other pixels, found by perceptual hashes.

What is done with them is in `lsbench.data.division` and `lsbench.data.units`. No torch here.
"""
