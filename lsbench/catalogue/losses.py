"""The losses."""

from lsbench.catalogue.entries import Loss

LOSSES: dict[str, Loss] = {
    "ce": Loss(
        ref="lsbench.losses.cross_entropy:ce",
        summary="cross-entropy: lse(z) - z_y",
        source="textbook",
        optimum="softmax",
    ),
    "lsr": Loss(
        ref="lsbench.losses.smoothing:lsr",
        summary="label-smoothing regularisation, targets materialised: -sum_c q_c log p_c, q = (1-eps) onehot + eps/K",
        source="Szegedy et al., 2016",
        hyper={"eps": 0.01},
        optimum="softmax",
    ),
    "linear": Loss(
        ref="lsbench.losses.smoothing:linear",
        summary="linear combination: eps * mean_c(-log p_c) + (1-eps) * nll",
        source="fastai LabelSmoothingCrossEntropy",
        hyper={"eps": 0.1},
        optimum="softmax",
    ),
    "reid": Loss(
        ref="lsbench.losses.smoothing:reid",
        summary="label smoothing as in person re-identification: the same q, batch mean before the class sum",
        source="torchreid CrossEntropyLoss",
        hyper={"eps": 0.1},
        optimum="softmax",
    ),
    "fused": Loss(
        ref="lsbench.losses.fused:fused",
        summary="lse - (1-eps) z_y - (eps/K) sum_c z_c in one pass, closed-form gradient p - q, no one-hot",
        source="lsbench",
        hyper={"eps": 0.1},
        optimum="softmax",
    ),
    "keras-cce": Loss(
        ref="lsbench.losses.keras:keras_cce",
        summary="categorical cross-entropy from logits with label_smoothing = eps",
        source="Keras 3 CategoricalCrossentropy",
        hyper={"eps": 0.0},
        optimum="softmax",
    ),
    "keras-bce": Loss(
        ref="lsbench.losses.keras:keras_bce",
        summary="K independent sigmoids, targets y(1-eps) + eps/2, mean over classes",
        source="Keras 3 BinaryCrossentropy",
        hyper={"eps": 0.0},
        link="sigmoid",
        optimum="sigmoid",
    ),
}
