"""The kinds of label noise."""

from lsbench.catalogue.entries import Noise

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
