"""The optimisers, and how exactly matrices are multiplied: the words of a recipe that name something."""

from lsbench.names.catalogue.entries import OptimizerEntry, PrecisionEntry

BALANCED = "balanced"  # class weights, or a sampler, that give every class the same weight
NO_WEIGHTS, SHUFFLE = "none", "shuffle"
CLASS_WEIGHT_WORDS = (NO_WEIGHTS, BALANCED)  # or a file
SAMPLERS = (SHUFFLE, BALANCED)

OPTIMIZERS: dict[str, OptimizerEntry] = {
    "sgd": OptimizerEntry(ref="torch.optim:SGD", lr="recipe", momentum="momentum", fused=True),
    "adam": OptimizerEntry(ref="torch.optim:Adam", lr="adam_lr", momentum="betas", fused=True),
    "adamw": OptimizerEntry(ref="torch.optim:AdamW", lr="adam_lr", momentum="betas", fused=True),
    "adagrad": OptimizerEntry(ref="torch.optim:Adagrad", lr=0.01),  # torch's own rate
}
PRECISIONS: dict[str, PrecisionEntry] = {
    "highest": PrecisionEntry(float32="highest"),
    "high": PrecisionEntry(float32="high"),
    "medium": PrecisionEntry(float32="medium"),
    "bf16": PrecisionEntry(float32="highest", autocast="bfloat16"),
}
