"""Print docs/losses.md, which the catalogue knows: `make docs` writes it anew, and a test compares."""

from lsbench.names.catalogue import LOSSES
from lsbench.names.catalogue.allowed import ANY
from lsbench.names.catalogue.entries import LossEntry
from lsbench.planning.identities import IDENTITIES

HEAD = """# Losses

Made from the catalogue by `make docs`. z are logits, p = softmax(z), y is the label, K the number of classes, lse(z) =
log Σ exp z, eps the smoothing mass over **all** classes, the labelled one included.

Every loss is a function f(logits (..., n, K), labels (..., n), \\*, hyperparameters) → losses (..., n) in
`lsbench.losses.LOSSES`. On the command line hyperparameters follow the name: `--loss gce:q=0.5`;
`--eps 0.05,0.1` gives every loss that takes an eps each of these values.
"""

CROSS_FIT = {  # options of a loss that trains other networks first, with the default of each
    "by": "- `by`: default {}; class (the least confident examples of each given class), rate (of each given class "
    "those that are the surest of each other one), or both (what both leave out).",
    "first": "- `first`: default {}, the loss of the networks that are trained first; its options: `first.q=0.5`.",
    "folds": "- `folds`: default {:g}, from 2 to 20: so many networks are trained first, each on all folds but one, "
    "and predict that one after the last epoch.",
    "loss": "- `loss`: default {}, the loss of the last network; its options: `loss.eps=0.1`.",
    "matrix": "- `matrix`: default {}; or known (of the injected noise: an oracle's, refused on data of your own), or "
    "a file of P(given | true), a row per true class.",
}


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([HEAD, *(section(name, loss) for name, loss in LOSSES.items()), identities()])


def section(name: str, loss: LossEntry) -> str:
    """One loss: formula, source, hyperparameters with their defaults and ranges, when to use it."""
    lines = [f"## {name}", "", f"`{loss.summary}`", "", f"{loss.use}", "", f"- Source: {loss.source}"]
    lines += [f"- `{hyper}`: default {value:g}, {allowed_of(loss, hyper)}" for hyper, value in loss.hyper.items()]
    lines += [CROSS_FIT[option].format(value) for option, value in loss.cross_fit.items()]
    lines += ["- It remembers each example; it does not go with mixup."] if loss.memory else []
    lines += ["- Probabilities: K sigmoids, normalised to sum 1."] if loss.link == "sigmoid" else []
    return "\n".join(lines) + "\n"


def allowed_of(loss: LossEntry, hyper: str) -> str:
    """What the hyperparameter may be, in words."""
    return str(loss.allowed.get(hyper, ANY))


def identities() -> str:
    """Which losses are related, and how that was tested."""
    lines = ["## Known identities", "", "| loss | is | where | tested |", "|---|---|---|---|"]
    lines += [f"| {of.left} | {of.right} | {of.when} | {of.tested} |" for of in IDENTITIES]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
