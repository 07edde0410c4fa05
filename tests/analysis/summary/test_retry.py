from lsbench.analysis.summary.retry import comes_again
from lsbench.rows.row import Row
from lsbench.spec import Cell
from tests.in_turn import in_turn

CELL = Cell(dataset="blobs", fingerprint="f", model="linear", loss="ce")


@in_turn(
    ("status", "error", "again"),
    [
        ("failed", "ValueError: Expected input batch_size (1) to match target batch_size (64).", True),
        ("failed", "InputError: the model is broken: it returned a tuple of 2 instead of a tensor", True),
        ("failed", "AttributeError: 'tuple' object has no attribute 'unsqueeze'", True),
        ("failed", "the noise matrix has a condition number of 271, and backward correction takes at most 100", True),
        ("diverged", "the loss was not finite in epoch 1; try a smaller --lr or --clip", True),
        ("failed", "OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", False),
        ("failed", "RuntimeError: CUDA error: an illegal memory access was encountered", False),
        ("failed", "OSError: [Errno 28] No space left on device", False),
        ("failed", "MemoryError: ", False),
        ("failed", "its process was killed by SIGKILL (out of memory?)", False),
        ("failed", "its process ended with exit code 1", False),
        ("failed", "took longer than 5 s; raise --timeout", False),
        ("failed", "took longer than --timeout allows; raise it", False),
        ("failed", "lost 3 times: the node died", False),
        ("ok", None, False),
    ],
)
def test_only_what_may_go_otherwise_is_worth_another_try(status, error, again):
    metrics = {"accuracy": 1.0, "ece": 0.0}
    assert comes_again(Row(cell=CELL, status=status, error=error, metrics=metrics)) is again
