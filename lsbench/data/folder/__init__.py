"""A data set as a folder of images, one folder per class: listed, decoded once, kept. No torch here."""
