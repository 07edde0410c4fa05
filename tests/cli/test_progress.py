import re

from lsbench.cli.progress import Display
from lsbench.planning.stacks import network_epochs
from lsbench.workers.events import EpochDone, StackDone
from tests.analysis.summary.handmade import a_row


def test_in_a_pipe_each_line_says_how_long_the_rest_takes_however_slow_an_epoch_is(capsys):
    rows = [a_row("ce", seed) for seed in range(4)]
    stacks = [(row.cell,) for row in rows]
    display = Display(stacks, len(stacks))
    clock, epochs = [display.bar.get_time()], network_epochs(stacks[0])
    display.bar.get_time = lambda: clock[0]
    for stack, row in zip(stacks, rows, strict=True):
        for epoch in range(1, epochs + 1):
            clock[0] += 600  # seconds
            display.show(EpochDone(stack, epoch))
        display.show(StackDone(stack, [row]))
    lines = capsys.readouterr().err.splitlines()
    left = [re.search(r"s; (.+) left$", line) for line in lines]
    hours = [epochs * cells * 600 / 3600 for cells in (3, 2, 1)]
    assert [match and match[1] for match in left] == [*(f"{int(h)}:{round(h % 1 * 60):02d}:00" for h in hours), None]
