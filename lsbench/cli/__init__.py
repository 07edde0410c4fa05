"""The command line: one file per command reads its options, calls the other rooms and prints what they return.

Nothing is computed here. Heavy packages are imported inside the commands, so that `--help` and `list` start at once.
"""
