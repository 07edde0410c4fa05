"""The models."""

from lsbench.catalogue.entries import Model

MODELS: dict[str, Model] = {
    "linear": Model(
        ref="lsbench.models.zoo:linear",
        summary="softmax regression on the pixels",
        source="textbook",
        recipe={"lr": 0.02, "momentum": 0.9, "batch_size": 64, "epochs": 5, "schedule": "cosine"},
        stack_cpu=16,
        stack_cuda=256,
    ),
    "mlp": Model(
        ref="lsbench.models.zoo:mlp",
        summary="inputs-512-256-128-64-classes with ReLU",
        source="MNIST tutorial",
        recipe={"lr": 0.1, "momentum": 0.9, "batch_size": 128, "epochs": 4, "schedule": "one-cycle"},
        stack_cpu=1,
        stack_cuda=64,
    ),
    "cnn": Model(
        ref="lsbench.models.zoo:cnn",
        summary="5x5 conv 10, pool, 5x5 conv 20, pool, fully connected",
        source="MNIST tutorial",
        recipe={"lr": 0.05, "momentum": 0.9, "batch_size": 64, "epochs": 5, "schedule": "one-cycle"},
        stack_cpu=1,
        stack_cuda=64,
    ),
}
