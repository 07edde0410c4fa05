"""Models: plain `nn.Sequential`s, and the stack that trains many copies of one as a single program."""
