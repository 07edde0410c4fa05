"""The ways of fitting a temperature: on which held-out labels, and how. The first needs the given labels only."""

from lsbench.names.catalogue.entries import TemperatureScaling

TEMPERATURES: dict[str, TemperatureScaling] = {
    "noisy": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_given",
        summary="NLL of the held-out examples' given labels, wrong ones included",
        by="the NLL of their given labels",
    ),
    "estimated": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_estimated",
        summary="NLL of the given labels after the noise matrix that the same predictions suggest, in which the model's"
        " own mistakes count as noise: a weak model becomes too confident",
        by="that of the given labels after the noise matrix that the same predictions suggest",
    ),
    "known": TemperatureScaling(
        ref="lsbench.training.temperature_fits:fit_known",
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

OLD_TEMPERATURES = {"forward": "known"}  # what older versions called them: in their rows, in options and in conditions


def temperature_of(name: str) -> str:
    """The name of a way of temperature scaling today; any other word as it is."""
    return OLD_TEMPERATURES.get(name, name)
