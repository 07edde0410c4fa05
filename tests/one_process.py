"""The local pool without its processes: the same events and rows, for tests of what is done with them.

A worker of the pool imports torch first, which takes seconds; that it gives the same bits is test_local's to say.
"""

from collections import deque

from lsbench.names.registry import load
from lsbench.workers.events import EpochDone, FailedStack, StackDone, divide, failure
from tests import quick

CALLERS = ("lsbench.workers.local", "lsbench.workers.trial", "lsbench.cli.rerun")  # who asks for the pool


def use(monkeypatch):
    """Whoever asks for the pool gets this one."""
    for module in CALLERS:
        monkeypatch.setattr(f"{module}.run_all", run_all)


def run_all(stacks, place, options=None, *, trainer="lsbench.training.stack:run_stack"):
    """As `lsbench.workers.local.run_all`; nothing is stopped that takes too long."""
    train, again = load(trainer), deque()
    while again or stacks:
        stack = again.popleft() if again else stacks.take()
        assert stack, "another run holds what is left: only the real pool waits for it"
        if stack[0].dataset == "mnist":
            quick.leave_out("trains on real images")
        quick.leave_out_parts("trains by the command line")
        epochs = []
        try:
            rows = train(stack, place, epochs.append)
        except Exception as error:  # noqa: BLE001 - as the pool's
            failed = FailedStack(stack, f"{type(error).__name__}: {error}", "Traceback")
            yield EpochDone(stack, 0)
            again.extend(divide(failed))
            yield from failure(failed)
        else:
            yield from (EpochDone(stack, count) for count in epochs)
            yield StackDone(stack, rows)
