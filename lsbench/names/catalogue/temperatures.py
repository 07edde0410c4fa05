"""The ways of fitting a temperature: on which held-out labels, and how. The first needs the given labels only."""

from lsbench.names.catalogue.entries import TemperatureScaling

TEMPERATURES: dict[str, TemperatureScaling] = {
    "noisy": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_given",
        summary="NLL of the held-out examples' given labels, wrong ones included",
        by="the NLL of their given labels",
    ),
    "forward": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_forward",
        summary="NLL of the given labels after the known noise matrix: forward-corrected",
        by="that of the given labels after the known noise matrix",
        needs=("matrix",),
    ),
    "oracle": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_clean",
        summary="NLL of the held-out examples' published labels, which a user with doubtful labels does not have",
        by="that of the published labels",
        needs=("clean",),
    ),
}
