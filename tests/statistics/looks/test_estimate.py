"""The estimate of a mean over all examples from those that were looked at."""

import numpy as np
import pytest

from lsbench.statistics.looks import Control, estimate, make_design


def test_with_equal_sizes_and_no_control_it_is_the_mean_and_its_textbook_variance():
    v = np.random.default_rng(0).normal(size=40)
    design = make_design(np.ones(40), seed=1)
    one = estimate(design, v[design.first(10)], Control(np.zeros(40), fitted=False))
    assert float(one.mean) == pytest.approx(v[design.first(10)].mean())
    assert float(one.variance) == pytest.approx((1 - 10 / 40) * v[design.first(10)].var(ddof=1) / 10)
