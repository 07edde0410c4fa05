"""What a loss, a model or a data set of one's own must do to be compared fairly; `lsbench check` runs it.

What this package brings is held to the same by its tests. The names are imported when they are first asked for:
`lsbench.training.contract.probe` needs no torch for what is of this package.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsbench.names.registry import lazily

if TYPE_CHECKING:
    from lsbench.training.contract.checking import CheckResult, run_checks
    from lsbench.training.contract.dataset import check_dataset
    from lsbench.training.contract.loss import check_loss
    from lsbench.training.contract.model import check_model

__all__ = ["CheckResult", "check_dataset", "check_loss", "check_model", "run_checks"]

HOMES = {
    "CheckResult": "checking",
    "check_dataset": "dataset",
    "check_loss": "loss",
    "check_model": "model",
    "run_checks": "checking",
}
__getattr__: Callable[[str], Any] = lazily(__name__, HOMES)
