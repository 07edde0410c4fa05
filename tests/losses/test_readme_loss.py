"""The loss that the README adds in three steps does what the contract asks of a loss."""

import re
import textwrap
from pathlib import Path

import pytest
import torch
from loss_reference import batch

from lsbench.errors import InputError

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def poly1():
    steps = README.read_text().split("## Add a loss in three steps")[1]
    names = {}
    exec(textwrap.dedent(re.search(r"( *```python\n)(.*?)```", steps, re.DOTALL)[2]), names)
    return names["poly1"]


def test_it_is_the_papers_formula(poly1):
    logits, labels = batch()
    p = torch.softmax(logits, -1)[torch.arange(len(labels)), labels]
    torch.testing.assert_close(poly1(logits, labels, epsilon1=2.0), -p.log() + 2 * (1 - p))


def test_it_takes_stacks_halves_and_small_integers_and_refuses_what_does_not_fit(poly1):
    logits, labels = batch()
    cells = poly1(logits.expand(2, *logits.shape), labels.expand(2, -1), epsilon1=torch.tensor([[0.5], [2.0]]))
    torch.testing.assert_close(cells[1], poly1(logits, labels, epsilon1=2.0).to(cells.dtype))
    assert poly1(logits.half(), labels.to(torch.uint8)).dtype == torch.float32
    with pytest.raises(InputError):
        poly1(logits, labels[:-1])
