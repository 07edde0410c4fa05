"""The looks as a sample: how they were drawn, and what is believed of the labels that nobody looked at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looked.metrics import Floats
from lsbench.rows.looks import Verified
from lsbench.statistics.looks import Beliefs, Design, beliefs_of


@dataclass(frozen=True)
class Sample:
    """What the estimators need of the looks, whichever numbers they are for."""

    verified: Verified
    design: Design
    beliefs: Beliefs  # of the true labels of N examples, from the networks, the given labels and the answers

    @property
    def announced(self) -> int:
        """The number of looks that was announced before any."""
        announced = self.verified.design.announced
        return announced[0] if announced else self.verified.n

    @property
    def count(self) -> int:
        """N."""
        return self.verified.design.count

    @property
    def given(self) -> NDArray[np.int64]:
        """(N,): the labels as given."""
        return self.verified.design.given


def sample_of(verified: Verified, probabilities: Floats) -> Sample:
    """The sample; probabilities (N, K): what networks predict, from which something is believed of each label."""
    stored = verified.design
    design = Design(stored.sizes, stored.order, stored.seed)
    return Sample(verified, design, beliefs_of(probabilities, stored.given, verified.examples, verified.may_be))
