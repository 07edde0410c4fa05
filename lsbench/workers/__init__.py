"""Who trains a stack, and where: each engine takes stacks and yields events as they happen."""
