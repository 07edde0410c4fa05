"""The losses that README and docs show, in a user's file and in the package, do what the contract asks of a loss."""

import re
import textwrap
from pathlib import Path

import pytest
import torch

from lsbench.errors import InputError
from tests.losses.loss_reference import batch

ROOT = Path(__file__).parents[2]
SECTIONS = [
    ("README.md", "## Your own loss"),
    ("docs/your-code.md", "## A loss in a file"),
    ("docs/adding-a-loss.md", "## 1. The function"),
]


def example(page, section):
    """The loss of the first example in that section."""
    after = (ROOT / page).read_text(encoding="utf-8").split(section)[1]
    names = {}
    exec(textwrap.dedent(re.search(r"( *```python\n)(.*?)```", after, re.DOTALL)[2]), names)
    return names["bounded"]


@pytest.fixture(params=SECTIONS, ids=[page for page, _ in SECTIONS])
def bounded(request):
    return example(*request.param)


def test_it_is_the_formula_of_its_docstring(bounded):
    logits, labels = batch()
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    torch.testing.assert_close(
        bounded(logits, labels, cap=2.0),
        (2 * loss / (2 + loss)).to(torch.float32),
        atol=1e-6,
        rtol=1e-6,
        check_dtype=False,
    )


def test_it_takes_stacks_and_halves(bounded):
    logits, labels = batch()
    cells = bounded(logits.expand(2, *logits.shape), labels.expand(2, -1), cap=torch.tensor([[0.5], [2.0]]))
    torch.testing.assert_close(cells[1], bounded(logits, labels, cap=2.0).to(cells.dtype))
    assert bounded(logits.half(), labels).dtype == torch.float32


def test_that_of_the_package_takes_small_integers_and_refuses_what_does_not_fit():
    bounded, (logits, labels) = example(*SECTIONS[2]), batch()
    assert bounded(logits, labels.to(torch.uint8)).shape == labels.shape
    with pytest.raises(InputError):
        bounded(logits, labels[:-1])
