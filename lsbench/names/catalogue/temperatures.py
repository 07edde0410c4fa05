"""The ways of fitting a temperature: on which held-out labels, and how."""

TEMPERATURES: dict[str, str] = {
    "noisy": "NLL of the held-out examples' given labels, wrong ones included",
    "forward": "NLL of the given labels after the known noise matrix: forward-corrected",
    "oracle": "NLL of the held-out examples' published labels, which a user with doubtful labels does not have",
}
