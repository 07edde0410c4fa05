import pytest

from lsbench.training import stack
from lsbench.training.after_training import AfterTraining


@pytest.fixture
def nothing_afterwards(monkeypatch):
    """What is measured once, after training, is left out: temperatures take longer than so small a training."""
    monkeypatch.setattr(
        stack, "measure_after_training", lambda predictions, _: [AfterTraining()] * len(predictions.val)
    )
