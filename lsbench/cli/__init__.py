"""The command line: parse, call, print. Heavy packages are imported inside the commands."""
