"""The names of the three parts that a data set's examples are divided into."""

PARTS = ("train", "held_out", "test")
