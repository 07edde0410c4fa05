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


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([HEAD, *(section(name, loss) for name, loss in LOSSES.items()), identities()])


def section(name: str, loss: LossEntry) -> str:
    """One loss: formula, source, hyperparameters with their defaults and ranges, when to use it."""
    lines = [f"## {name}", "", f"`{loss.summary}`", "", f"{loss.use}", "", f"- Source: {loss.source}"]
    lines += [f"- `{hyper}`: default {value:g}, {allowed_of(loss, hyper)}" for hyper, value in loss.hyper.items()]
    lines += ["- It is given the noise matrix P(given | true) of the labels."] if "matrix" in loss.given else []
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
