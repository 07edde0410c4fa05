"""The drop-ins take what the originals take: each original's signature, as its source has it, held as data."""

import inspect

import pytest
import torch
from torch import nn

from lsbench.losses import (
    LSR,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CrossEntropyLoss,
    LabelSmoothingCrossEntropy,
    SmoothedCrossEntropy,
)

NONE = inspect.Parameter.empty


def keras(name):
    return {
        "from_logits": False,
        "label_smoothing": 0.0,
        "axis": -1,
        "reduction": "sum_over_batch_size",
        "name": name,
        "dtype": None,
    }


ORIGINALS = {  # drop-in -> (source, {argument: default} in the order of the original)
    LSR: ("the tutorial's LSR", {"e": 0.01, "reduction": "mean"}),
    LabelSmoothingCrossEntropy: ("fastai 2, fastai/losses.py", {"eps": 0.1, "weight": None, "reduction": "mean"}),
    CrossEntropyLoss: (
        "torchreid 1.4, torchreid/losses/cross_entropy_loss.py",
        {"num_classes": NONE, "eps": 0.1, "use_gpu": True, "label_smooth": True},
    ),
    CategoricalCrossentropy: ("Keras 3, keras/src/losses/losses.py", keras("categorical_crossentropy")),
    BinaryCrossentropy: ("Keras 3, keras/src/losses/losses.py", keras("binary_crossentropy")),
}
CALLS = {  # drop-in -> arguments of a call, in the original's order
    LSR: ["x", "target"],
    LabelSmoothingCrossEntropy: ["output", "target"],
    CrossEntropyLoss: ["inputs", "targets"],
    CategoricalCrossentropy: ["y_true", "y_pred", "sample_weight"],
    BinaryCrossentropy: ["y_true", "y_pred", "sample_weight"],
}
NOT_TAKEN = {"size_average", "reduce"}  # torch's own, deprecated there since 2018; reduction says the same
every_drop_in = pytest.mark.parametrize("made", ORIGINALS, ids=lambda of: of.__name__)


@every_drop_in
def test_the_arguments_have_the_originals_names_and_order(made):
    _, arguments = ORIGINALS[made]
    ours = [p.name for p in inspect.signature(made).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert ours == list(arguments)
    assert list(inspect.signature(made.forward).parameters)[1:] == CALLS[made]


@every_drop_in
def test_the_defaults_are_the_originals(made):
    _, arguments = ORIGINALS[made]
    needed = [3] if NONE in arguments.values() else []
    loss = made(*needed)
    for name, default in arguments.items():
        if default is not NONE and name != "label_smooth":
            assert getattr(loss, name) == default
    given = {name: default for name, default in arguments.items() if default is not NONE}
    assert repr(made(*needed, **given)) == repr(loss)


def test_every_argument_of_torchs_cross_entropy_is_taken_by_its_name():
    torchs = inspect.signature(nn.CrossEntropyLoss).parameters
    ours = inspect.signature(SmoothedCrossEntropy).parameters
    assert set(torchs) - NOT_TAKEN <= set(ours)
    for name in set(torchs) - NOT_TAKEN - {"label_smoothing"}:  # 0.1 here: it is why one takes this loss
        assert ours[name].default == torchs[name].default
    assert list(inspect.signature(SmoothedCrossEntropy.forward).parameters) == ["self", "input", "target"]


def test_label_smoothing_is_eps_by_torchs_name():
    logits, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    weight = torch.tensor([1.0, 2.0, 0.5])
    ours = SmoothedCrossEntropy(weight=weight, label_smoothing=0.2, reduction="sum")
    torchs = nn.CrossEntropyLoss(weight=weight, label_smoothing=0.2, reduction="sum")
    torch.testing.assert_close(ours(logits, labels), torchs(logits, labels))
    assert (ours.label_smoothing, SmoothedCrossEntropy().eps) == (0.2, 0.1)
