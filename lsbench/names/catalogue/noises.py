"""The kinds of label noise, and what some of them take beside labels and a rate."""

from lsbench.names.catalogue.entries import NoiseEntry, NoiseInput

NOISE_INPUTS: dict[str, NoiseInput] = {
    "mapping": NoiseInput(
        ref="lsbench.noise.inputs:mapping",
        meaning="{class: the class it is mistaken for}",
        required=False,  # that of MNIST is taken for 10 classes
        from_description=True,
    ),
    "images": NoiseInput(
        ref="lsbench.noise.inputs:images",
        meaning="the training images (n, ...) in the order of the labels, normalised as the model sees them",
    ),
    "matrix": NoiseInput(
        ref="lsbench.noise.inputs:matrix",
        meaning="P(given | true) (K, K), which lsbench.noise.files.read_matrix reads from a file",
        file="{kind}:rows.csv",
        from_description=True,
    ),
    "given": NoiseInput(
        ref="lsbench.noise.inputs:human_labels",
        meaning="the human labels (n,) in the data set's order, which lsbench.noise.files.read_labels reads",
        file="{kind}:labels.npy, {kind}:labels.npz:key or {kind}:labels.csv",
    ),
}

NOISES: dict[str, NoiseEntry] = {
    "symmetric": NoiseEntry(
        ref="lsbench.noise.kinds:symmetric",
        summary="each label, with probability r, becomes one of the other K-1 classes",
        source="Patrini et al., 2017; Han et al., 2018 (Co-teaching)",
        symmetric="others",
    ),
    "uniform": NoiseEntry(
        ref="lsbench.noise.kinds:uniform",
        summary="with probability rho becomes any class, its own included: effective rate rho(K-1)/K",
        source="Lukasik et al., 2020; Liu et al., 2020 (ELR)",
        symmetric="all",
    ),
    "symmetric-count": NoiseEntry(
        ref="lsbench.noise.kinds:symmetric_count",
        summary="exactly int(int(rN)/K) labels of each class become one of the others",
        source="Ma et al., 2020 (Active-Passive Losses)",
        symmetric="others",
    ),
    "pairflip": NoiseEntry(
        ref="lsbench.noise.kinds:pairflip",
        summary="class i becomes i+1 mod K with probability r",
        source="Han et al., 2018 (Co-teaching)",
    ),
    "asymmetric": NoiseEntry(
        ref="lsbench.noise.kinds:asymmetric",
        summary="similar classes are mistaken with probability r (the data set's map), about r/2 overall",
        source="Patrini et al., 2017; Zhang and Sabuncu, 2018 (GCE)",
        inputs=("mapping",),
    ),
    "instance": NoiseEntry(
        ref="lsbench.noise.instance:instance",
        summary="an image has a rate of its own, about r, and becomes a class it resembles",
        source="Xia et al., 2020 (part-dependent label noise)",
        inputs=("images",),
    ),
    "human": NoiseEntry(
        ref="lsbench.noise.human:human",
        summary="each label is replaced, with probability r, by people's: human:labels.npy, human:labels.npz:key",
        source="Wei et al., 2022 (CIFAR-N)",
        inputs=("given",),
    ),
    "matrix": NoiseEntry(
        ref="lsbench.noise.matrix:matrix_noise",
        summary="with probability r drawn anew from its class's row of P(given | true): matrix:rows.csv",
        source="Natarajan et al., 2013; Patrini et al., 2017",
        inputs=("matrix",),
    ),
    "coteaching-symmetric": NoiseEntry(
        ref="lsbench.noise.coteaching:coteaching_symmetric",
        summary="symmetric, with the very labels of Co-teaching's code: the same for all seeds",
        source="Han et al., 2018 (Co-teaching), data/utils.py",
        symmetric="others",
    ),
    "coteaching-pairflip": NoiseEntry(
        ref="lsbench.noise.coteaching:coteaching_pairflip",
        summary="pairflip, with the very labels of Co-teaching's code: the same for all seeds",
        source="Han et al., 2018 (Co-teaching), data/utils.py",
    ),
}
