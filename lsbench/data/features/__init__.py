"""Images as a frozen pretrained network sees them: one vector of each, computed once and kept in the cache folder.

`network` finds the network, `folder` and `arrays` give the features of a folder's images and of arrays.
"""
