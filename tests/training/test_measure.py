"""What is measured after each epoch."""

import pytest
import torch

from lsbench.training.measure import held_out_columns, metrics_of, read
from lsbench.training.predict import Predictions


def predictions(wrong):
    generator = torch.Generator().manual_seed(0)
    log_probs = torch.log_softmax(torch.randn(2, 40, 3, generator=generator, dtype=torch.float64), -1)
    log_probs[1, 0] = torch.nan  # a cell that diverged
    clean = torch.randint(3, (2, 40), generator=generator)
    given = clean.clone()
    given[0, :wrong] = (clean[0, :wrong] + 1) % 3
    nothing = clean[:, :0]
    return Predictions(log_probs, clean, log_probs, given, clean, clean, nothing, nothing, nothing)


@pytest.mark.parametrize("wrong", [0, 10])
def test_held_out_examples_are_measured_by_given_and_by_published_labels(wrong):
    told = predictions(wrong)
    measured = read(held_out_columns(told))
    for labels, prefix in ((told.val_given, "val_"), (told.val_clean, "val_clean_")):
        expected = metrics_of(prefix, told.val, labels)
        assert [{name: own[name] for name in one} for own, one in zip(measured, expected, strict=True)] == expected
    assert (measured[0]["val_nll"] == measured[0]["val_clean_nll"]) == (wrong == 0)
    assert measured[1]["val_clean_nll"] is None
