"""The old name of `lsbench.training.temperature`."""

import warnings

from lsbench.training.temperature import *  # noqa: F403 - all that it names

warnings.warn("lsbench.temperature is now lsbench.training.temperature", DeprecationWarning, stacklevel=2)
