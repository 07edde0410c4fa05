"""What a loss, a model or a data set of one's own must do to be compared fairly; `lsbench check` runs it.

The names are imported when they are first asked for: `lsbench.contract.probe` needs no torch for what is of this
package.
"""

from typing import TYPE_CHECKING

from lsbench.registry import lazily

if TYPE_CHECKING:
    from lsbench.contract.dataset import check_dataset
    from lsbench.contract.loss import check_loss
    from lsbench.contract.model import check_model
    from lsbench.contract.outcome import Outcome, run_checks

__all__ = ["Outcome", "check_dataset", "check_loss", "check_model", "run_checks"]

HOMES = {
    "Outcome": "outcome",
    "check_dataset": "dataset",
    "check_loss": "loss",
    "check_model": "model",
    "run_checks": "outcome",
}
__getattr__ = lazily(__name__, HOMES)
