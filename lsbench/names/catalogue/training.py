"""The optimisers, and how exactly matrices are multiplied: the words of a recipe that name something."""

from lsbench.names.catalogue.entries import Optimizer, Precision

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(ref="torch.optim:SGD", lr="recipe", momentum="momentum", fused=True),
    "adam": Optimizer(ref="torch.optim:Adam", lr="adam_lr", momentum="betas", fused=True),
    "adamw": Optimizer(ref="torch.optim:AdamW", lr="adam_lr", momentum="betas", fused=True),
    "adagrad": Optimizer(ref="torch.optim:Adagrad", lr=0.01),  # torch's own rate
}
PRECISIONS: dict[str, Precision] = {
    "highest": Precision(float32="highest"),
    "high": Precision(float32="high"),
    "medium": Precision(float32="medium"),
    "bf16": Precision(float32="highest", autocast="bfloat16"),
}
