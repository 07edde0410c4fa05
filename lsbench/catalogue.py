"""Every name the command line knows, as data: what it is, where it lives, whose it is.

Nothing here imports torch, so `list`, `plan` and `--help` are instant. The objects themselves are imported from
`ref` when they are needed. A new entry is tested by being listed: the contract tests run over these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Link = str  # "softmax": probs are softmax(logits); "sigmoid": K sigmoids, normalised to sum 1


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A per-example loss: `ref` is a function f(logits, labels, *, hyper) -> losses."""

    ref: str
    summary: str
    source: str
    hyper: Mapping[str, float] = field(default_factory=dict)  # the keyword-only arguments, with their defaults
    link: Link = "softmax"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model: `ref` is a factory f(shape, num_classes) -> nn.Module."""

    ref: str
    summary: str
    source: str
    recipe: Mapping[str, Any]  # what `Recipe` takes where the user is silent
    adam_lr: float = 1e-3  # instead of the recipe's, for adam and adamw
    stack_cpu: int  # how many cells train as one program on a CPU; 1 where stacking does not pay
    stack_cuda: int


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A data set: `ref` is a function f(files) -> `Splits`, found by `lsbench.data.sources`."""

    ref: str
    summary: str
    source: str
    num_classes: int
    train_examples: int
    asymmetric: Mapping[int, int] = field(default_factory=dict)  # class -> the class it is mistaken for
    files: tuple[str, ...] = ()  # in the order the reader takes them, gzipped or not
    fingerprint: str = ""  # of a set that never changes; others are hashed
    embedded: str = ""  # the folder beside lsbench/data that holds them
    folder: str = ""  # below --data-dir, torchvision's layout
    system_folder: str = ""  # where a Debian package puts the files
    system_package: str = ""
    torchvision_class: str = ""  # downloads the files on request


@dataclass(frozen=True, kw_only=True)
class Noise:
    """A kind of label noise: `ref` is a function (labels, rate, num_classes, generator) -> labels."""

    ref: str
    summary: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number per row: `ref` is a function f(probs, labels) -> (...)."""

    ref: str
    summary: str
    source: str
    better: str  # "higher" or "lower"; "zero" for a signed number, "none" for a description
    each_epoch: bool = False  # in the curves; the others are measured once, at the end


LOSSES: dict[str, Loss] = {
    "ce": Loss(
        ref="lsbench.losses.cross_entropy:ce",
        summary="cross-entropy: lse(z) - z_y",
        source="textbook",
    ),
    "lsr": Loss(
        ref="lsbench.losses.smoothing:lsr",
        summary="label-smoothing regularisation, targets materialised: -sum_c q_c log p_c, q = (1-eps) onehot + eps/K",
        source="Szegedy et al., 2016",
        hyper={"eps": 0.01},
    ),
    "linear": Loss(
        ref="lsbench.losses.smoothing:linear",
        summary="linear combination: eps * mean_c(-log p_c) + (1-eps) * nll",
        source="fastai LabelSmoothingCrossEntropy",
        hyper={"eps": 0.1},
    ),
    "reid": Loss(
        ref="lsbench.losses.smoothing:reid",
        summary="label smoothing as in person re-identification: the same q, batch mean before the class sum",
        source="torchreid CrossEntropyLoss",
        hyper={"eps": 0.1},
    ),
    "fused": Loss(
        ref="lsbench.losses.fused:fused",
        summary="lse - (1-eps) z_y - (eps/K) sum_c z_c in one pass, closed-form gradient p - q, no one-hot",
        source="lsbench",
        hyper={"eps": 0.1},
    ),
    "keras-cce": Loss(
        ref="lsbench.losses.keras:keras_cce",
        summary="categorical cross-entropy from logits with label_smoothing = eps",
        source="Keras 3 CategoricalCrossentropy",
        hyper={"eps": 0.0},
    ),
    "keras-bce": Loss(
        ref="lsbench.losses.keras:keras_bce",
        summary="K independent sigmoids, targets y(1-eps) + eps/2, mean over classes",
        source="Keras 3 BinaryCrossentropy",
        hyper={"eps": 0.0},
        link="sigmoid",
    ),
}

NOISES: dict[str, Noise] = {
    "symmetric": Noise(
        ref="lsbench.noise.kinds:symmetric",
        summary="each label, with probability r, becomes one of the other K-1 classes",
        source="Patrini et al., 2017; Han et al., 2018 (Co-teaching)",
    ),
    "uniform": Noise(
        ref="lsbench.noise.kinds:uniform",
        summary="with probability rho becomes any class, its own included: effective rate rho(K-1)/K",
        source="Lukasik et al., 2020; Liu et al., 2020 (ELR)",
    ),
    "symmetric-count": Noise(
        ref="lsbench.noise.kinds:symmetric_count",
        summary="exactly int(int(rN)/K) labels of each class become one of the others",
        source="Ma et al., 2020 (Active-Passive Losses)",
    ),
    "pairflip": Noise(
        ref="lsbench.noise.kinds:pairflip",
        summary="class i becomes i+1 mod K with probability r",
        source="Han et al., 2018 (Co-teaching)",
    ),
    "asymmetric": Noise(
        ref="lsbench.noise.kinds:asymmetric",
        summary="similar classes are mistaken with probability r (the data set's map), about r/2 overall",
        source="Patrini et al., 2017; Zhang and Sabuncu, 2018 (GCE)",
    ),
}

METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        ref="lsbench.metrics.classification:accuracy",
        summary="share of examples whose largest prob is the label's",
        source="textbook",
        better="higher",
        each_epoch=True,
    ),
    "error_rate": Metric(
        ref="lsbench.metrics.classification:error_rate",
        summary="1 - accuracy",
        source="textbook",
        better="lower",
        each_epoch=True,
    ),
    "nll": Metric(
        ref="lsbench.metrics.classification:nll",
        summary="mean of -log p_y, in nats",
        source="textbook",
        better="lower",
        each_epoch=True,
    ),
    "brier": Metric(
        ref="lsbench.metrics.classification:brier",
        summary="mean over examples of sum_c (p_c - onehot_c)^2, in [0, 2]",
        source="Brier, 1950",
        better="lower",
        each_epoch=True,
    ),
    "ece": Metric(
        ref="lsbench.metrics.calibration:expected_calibration_error",
        summary="expected calibration error: 15 equal-width bins, right-closed, of the top prob",
        source="Naeini et al., 2015; Guo et al., 2017",
        better="lower",
        each_epoch=True,
    ),
    "mce": Metric(
        ref="lsbench.metrics.calibration:maximum_calibration_error",
        summary="maximum calibration error: the largest gap of the 15 bins that are not empty",
        source="Naeini et al., 2015",
        better="lower",
    ),
    "adaptive_ece": Metric(
        ref="lsbench.metrics.adaptive:adaptive_calibration_error",
        summary="ECE over 15 bins of equally many examples; ties in confidence averaged",
        source="Nguyen and O'Connor, 2015; Nixon et al., 2019",
        better="lower",
    ),
    "classwise_ece": Metric(
        ref="lsbench.metrics.classwise:classwise_calibration_error",
        summary="mean over classes of the 15-bin ECE of each class's prob",
        source="Kull et al., 2019",
        better="lower",
    ),
    "l2_debiased": Metric(
        ref="lsbench.metrics.calibration:l2_debiased",
        summary="squared calibration error over 15 bins less its bias; can be below 0",
        source="Bröcker, 2012; Kumar, Liang and Ma, 2019",
        better="lower",
    ),
    "smooth_ece": Metric(
        ref="lsbench.metrics.smooth:smooth_ece",
        summary="SmoothECE: residuals smoothed by a reflected Gaussian as wide as the error itself; no bins",
        source="Błasiok and Nakkiran, 2024",
        better="lower",
    ),
    "signed_error": Metric(
        ref="lsbench.metrics.calibration:signed_error",
        summary="accuracy - mean confidence; above 0 is under-confident",
        source="textbook",
        better="zero",
    ),
    "overconfidence": Metric(
        ref="lsbench.metrics.calibration:overconfidence",
        summary="part of the ECE from bins whose confidence is above their accuracy",
        source="lsbench",
        better="lower",
    ),
    "underconfidence": Metric(
        ref="lsbench.metrics.calibration:underconfidence",
        summary="part of the ECE from bins whose accuracy is above their confidence",
        source="lsbench",
        better="lower",
    ),
    "calibration_slope": Metric(
        ref="lsbench.metrics.recalibration:calibration_slope",
        summary="logistic slope of correctness on logit(confidence); 1 is calibrated, below 1 over-confident",
        source="Cox, 1958",
        better="none",
    ),
    "calibration_p": Metric(
        ref="lsbench.metrics.recalibration:calibration_p",
        summary="p-value of the likelihood-ratio test of calibration slope 1 and intercept 0",
        source="Cox, 1958; Miller, Hui and Tierney, 1991",
        better="none",
    ),
    "brier_reliability": Metric(
        ref="lsbench.metrics.classwise:brier_reliability",
        summary="the Brier score's miscalibration, from 15 bins of each class",
        source="Murphy, 1973",
        better="lower",
    ),
    "brier_resolution": Metric(
        ref="lsbench.metrics.classwise:brier_resolution",
        summary="how far the bins' class frequencies are from the overall ones; subtracted from the Brier score",
        source="Murphy, 1973",
        better="higher",
    ),
    "brier_uncertainty": Metric(
        ref="lsbench.metrics.classwise:brier_uncertainty",
        summary="the Brier score of the class frequencies; of the labels alone",
        source="Murphy, 1973",
        better="none",
    ),
    "aurc": Metric(
        ref="lsbench.metrics.selective:aurc",
        summary="area under the risk-coverage curve; ties in confidence averaged",
        source="Geifman and El-Yaniv, 2017",
        better="lower",
    ),
    "ece_floor": Metric(
        ref="lsbench.metrics.calibration:ece_floor",
        summary="the 15-bin ECE that a perfectly calibrated model would show with these confidences",
        source="lsbench",
        better="none",
    ),
    "edge_ties": Metric(
        ref="lsbench.metrics.extremes:edge_ties",
        summary="how many confidences are exactly an edge between two of the 15 bins",
        source="lsbench",
        better="none",
    ),
    "saturation": Metric(
        ref="lsbench.metrics.extremes:saturation",
        summary="share of confidences that are exactly 1",
        source="lsbench",
        better="none",
    ),
}

DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        ref="lsbench.data.idx:read_splits",
        summary="60,000 + 10,000 handwritten digits, 28x28 grey; embedded in the package",
        source="LeCun, Cortes and Burges, 1998",
        num_classes=10,
        train_examples=60_000,
        asymmetric={7: 1, 2: 7, 3: 8, 5: 6, 6: 5},
        files=(
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ),
        fingerprint="e9914cff2ade526d",
        embedded="mnist",
    ),
    "fashion-mnist": Dataset(
        ref="lsbench.data.idx:read_splits",
        summary="60,000 + 10,000 photographs of clothes, 28x28 grey",
        source="Xiao, Rasul and Vollgraf, 2017",
        num_classes=10,
        train_examples=60_000,
        asymmetric={9: 7, 7: 5, 2: 6, 4: 3, 3: 4},
        files=(
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ),
        folder="FashionMNIST/raw",
        system_folder="/usr/share/datasets/fashion-mnist",
        system_package="dataset-fashion-mnist",
        torchvision_class="FashionMNIST",
    ),
    "blobs": Dataset(
        ref="lsbench.data.blobs:make_splits",
        summary="2,000 + 1,000 noisy copies of 10 random 16x16 patterns; a toy set that trains in an instant",
        source="lsbench",
        num_classes=10,
        train_examples=2000,
        fingerprint="blobs-1",
        asymmetric={9: 8, 7: 6, 5: 4, 3: 2, 1: 0},
    ),
}

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
