"""CPU seconds, to be compared with those of something else in the same test: never with a number of seconds."""

from time import process_time

from tests import quick


def cpu_time(call, times=3):
    """Of the quickest of some calls: what else the machine does can only lengthen the others."""
    quick.leave_out("compares speeds")
    return min(_once(call) for _ in range(times))


def _once(call):
    start = process_time()
    call()
    return process_time() - start
