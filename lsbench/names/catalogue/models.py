"""The models."""

from lsbench.names.catalogue.allowed import Range, Written
from lsbench.names.catalogue.entries import ModelEntry

RESIDUAL: dict[str, float | str] = {
    "lr": 0.1,
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "batch_size": 128,
    "schedule": "one-cycle",
}

MODELS: dict[str, ModelEntry] = {
    "linear": ModelEntry(
        ref="lsbench.models.zoo:linear",
        summary="softmax regression on the pixels",
        source="textbook",
        recipe={"lr": 0.02, "momentum": 0.9, "batch_size": 64, "epochs": 5, "schedule": "cosine"},
        vector_recipe={"lr": 0.003, "momentum": 0.9, "batch_size": 64, "epochs": 30, "schedule": "cosine"},
        stack_cpu=32,
        most_cpu=64,
        stack_cuda=256,
    ),
    "mlp": ModelEntry(
        ref="lsbench.models.zoo:mlp",
        summary="inputs-512-256-128-64-classes with ReLU; other widths, dropout and initial weights as options",
        source="MNIST tutorial",
        recipe={"lr": 0.1, "momentum": 0.9, "batch_size": 128, "epochs": 4, "schedule": "one-cycle"},
        vector_recipe={"optimizer": "adam", "lr": 3e-3, "batch_size": 32, "epochs": 30, "schedule": "cosine"},
        stack_cpu=1,
        stack_cuda=128,
        options={"widths": "512-256-128-64", "dropout": 0.0, "init": 0.0},
        allowed={
            "widths": Written(r"[1-9]\d{0,6}(-[1-9]\d{0,6})*", "whole numbers joined by '-', like 512-256-128-64"),
            "dropout": Range(0.0, 0.999),  # at 1 nothing would be left to train
            "init": Range(0.0, 1e6),
        },
    ),
    "cnn": ModelEntry(
        ref="lsbench.models.zoo:cnn",
        summary="5x5 conv 10, pool, 5x5 conv 20, pool, fully connected",
        source="MNIST tutorial",
        recipe={"lr": 0.05, "momentum": 0.9, "batch_size": 64, "epochs": 5, "schedule": "one-cycle"},
        stack_cpu=1,
        stack_cuda=128,
        engines=("lanes",),
        smallest=16,
    ),
    "lenet5": ModelEntry(
        ref="lsbench.models.lenet:lenet5",
        summary="LeNet-5 with ReLU and max-pooling, for 28x28 and 32x32 images",
        source="LeCun et al., 1998, figure 2",
        recipe={"lr": 0.05, "momentum": 0.9, "batch_size": 64, "epochs": 5, "schedule": "one-cycle"},
        stack_cpu=1,
        stack_cuda=128,
        engines=("lanes",),
        smallest=12,
    ),
    "cnn8": ModelEntry(
        ref="lsbench.models.cnn8:cnn8",
        summary="six 3x3 convs 64-128-196 and two fully connected layers with batch norm",
        source="Ma et al., 2020, active-passive losses",
        recipe={
            "lr": 0.01,
            "momentum": 0.9,
            "weight_decay": 1e-4,
            "batch_size": 128,
            "epochs": 10,
            "schedule": "cosine",
            "clip": 5.0,
        },
        stack_cpu=1,
        stack_cuda=8,
        smallest=8,
        pairs=True,
    ),
    "resnet8": ModelEntry(
        ref="lsbench.models.resnet:resnet8",
        summary="residual CIFAR net of 8 layers: widths 16-32-64, one block each",
        source="He et al., 2016, section 4.2",
        recipe=RESIDUAL | {"epochs": 10},
        stack_cpu=1,
        stack_cuda=16,
        smallest=8,
    ),
    "resnet20": ModelEntry(
        ref="lsbench.models.resnet:resnet20",
        summary="residual CIFAR net of 20 layers: widths 16-32-64, three blocks each",
        source="He et al., 2016, section 4.2",
        recipe=RESIDUAL | {"epochs": 10},
        stack_cpu=1,
        stack_cuda=8,
        smallest=8,
    ),
    "resnet18": ModelEntry(
        ref="lsbench.models.resnet:resnet18",
        summary="ResNet-18 with a 3x3 stem and no max-pool, for images of about 32x32",
        source="He et al., 2016, table 1",
        recipe=RESIDUAL | {"epochs": 30},
        stack_cpu=1,
        stack_cuda=1,
        smallest=8,
    ),
    "resnet34": ModelEntry(
        ref="lsbench.models.resnet:resnet34",
        summary="ResNet-34 with a 3x3 stem and no max-pool, for images of about 32x32",
        source="He et al., 2016, table 1",
        recipe=RESIDUAL | {"epochs": 30},
        stack_cpu=1,
        stack_cuda=1,
        smallest=8,
    ),
}
