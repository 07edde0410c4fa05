"""What a loss, a model or a data set of one's own must do to be compared fairly; `lsbench check` runs it."""

from lsbench.contract.dataset import check_dataset
from lsbench.contract.loss import check_loss
from lsbench.contract.model import check_model
from lsbench.contract.outcome import Outcome, run_checks

__all__ = ["Outcome", "check_dataset", "check_loss", "check_model", "run_checks"]
