"""CIFAR-10 with people's labels in training and in testing: what lsbench says blind, beside what is true.

    python benchmarks/blind.py DATA FOLDER > results/blind.md
    python benchmarks/people.py DATA FOLDER > results/people.md

It shows five sets of that study in full, and trains nothing. What is right is computed from the claims of the JSON.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from blind_bars import points, share, table
from blind_outcome import outcome
from blind_run import answers
from blind_sets import SETS, MadeSet

IN_TRAINING = {
    "aggre": "CIFAR-10N's majority of three people",
    "random1": "CIFAR-10N's first person",
    "worse": "CIFAR-10N's worst of three people",
}
IN_TESTING = {"one": "one person of CIFAR-10H", "of-ten": "a wrong answer among ten people of CIFAR-10H"}


def main(data: Path, folder: Path) -> None:
    """Print the page."""
    sets = [one for one in SETS.values() if one.source == "features" and one.model == "linear" and one.people]
    shown = [(one, outcome(one, folder, data), answers(one, folder)) for one in sets]
    print(HEAD.format(train=sets[0].train, test=sets[0].test))
    print(summary([told for _, told, _ in shown]))
    for one, told, said in shown:
        print(section(one, told, said))


HEAD = """# People's labels in training and in testing

Made by `benchmarks/people.py` from the rows of the [blind study](blind.md). CIFAR-10, {train:,} training and {test:,}
test images, as vectors that an ImageNet network (EfficientNet-Lite0) makes of them; a linear layer is trained on these
vectors, 5 seeds. This is a small scale: the network that makes the vectors is not trained here. Training labels are
those of CIFAR-10N, test labels those of CIFAR-10H. `lsbench` sees the people's labels alone. *True* is against
CIFAR-10's own labels, of the same networks and test images. *Forward, true matrix* was not among the losses that the
verdict saw."""


def summary(outcomes: Sequence[dict[str, Any]]) -> str:
    """What was claimed over all of these sets, and how much of it is true."""
    lines = [[name, *_right(outcomes, name)] for name in outcomes[0]["claims"]]
    trusted = [["ece, if the test labels are trusted", *_right_of([o["if_trusted"].get("ece", []) for o in outcomes])]]
    return f"\n{table(('claims by', 'right', 'reversed by the truth'), [*lines, *trusted])}"


def _right(outcomes: Sequence[dict[str, Any]], name: str) -> list[str]:
    return _right_of([one["claims"][name] for one in outcomes])


def _right_of(claims: Sequence[list[dict[str, Any]]]) -> list[str]:
    told = [one for some in claims for one in some]
    wrong = sum(one["reversed"] for one in told)
    return [share(len(told) - wrong, len(told)) if told else "no claims", str(wrong)]


def section(one: MadeSet, told: dict[str, Any], said: dict[str, Any]) -> str:
    """One set: who gave the labels, what was said, and every loss by both kinds of labels."""
    wrong, verdict = told["wrong"], said["accuracy"]
    title = (
        f"{IN_TRAINING[one.kind]} in training ({points(wrong['train'])} % wrong), {IN_TESTING[one.people]} in testing"
    )
    ranking = table(HEADINGS, [_line(name, told, said) for name in told["true"]])
    return "\n".join(
        (
            f"\n## {title} ({points(wrong['test'])} % wrong)",
            f"\nSaid: *{verdict['text'].partition(': ')[2]}*",
            f"\n{ranking}",
            f"\nForward, true matrix: {points(told['known'])} % true accuracy. {_contradicted(told)}",
            f"\nSaid: *{verdict['would_change']['text']}* {_lead(told)}",
        )
    )


def _contradicted(told: dict[str, Any]) -> str:
    """The estimate of wrong training labels beside their number."""
    if (rate := (told["noise"] or {}).get("rate")) is None:
        return "How many training labels are wrong was not told."
    interval = f"{points(rate)} % [{points(told['noise']['low'])}, {points(told['noise']['high'])}]"
    wrong = points(told["wrong"]["train"])
    return f"Held-out predictions contradict {interval} of the training labels; {wrong} % are wrong."


def _lead(told: dict[str, Any]) -> str:
    """What the lead that is spoken of is by the true labels."""
    if not told["changes"]:
        return ""
    first = told["changes"][0]
    return "True: {:+.2f} points [{:+.2f}, {:+.2f}].".format(
        *(100 * first["true"][end] for end in ("mean", "low", "high"))
    )


HEADINGS = (
    "loss", "accuracy, given labels %", "accuracy, true %", "said against ce",
    "true difference to ce [95 %]", "is that so",
    "ECE, given %", "ECE, true %",
)  # fmt: skip


def _line(name: str, told: dict[str, Any], said: dict[str, Any]) -> list[str]:
    claim = next((one for one in said["accuracy"]["claims"] if one["arm"] == name and one["other"] == "ce"), None)
    true = told["true_differences"].get(name)
    interval = (
        "–" if true is None else "{mean:+.1f} [{low:+.1f}, {high:+.1f}]".format(**{k: 100 * v for k, v in true.items()})
    )
    finding = claim["finding"] if claim else "–"
    return [
        name, _mean(said["accuracy"], name), points(told["true"][name]), finding, interval, _is_so(finding, true),
        _mean(said["ece"], name), points(told["true_ece"][name]),
    ]  # fmt: skip


def _is_so(finding: str, true: dict[str, float] | None) -> str:
    if true is None or finding not in ("better", "worse"):
        return "–"
    return "yes" if (true["mean"] > 0) == (finding == "better") else "**no**"


def _mean(verdict: dict[str, Any], name: str) -> str:
    mean = next(arm["mean"] for arm in verdict["arms"] if arm["name"] == name)
    return "–" if mean is None else points(mean)


if __name__ == "__main__":
    main(*(Path(path).absolute() for path in sys.argv[1:3]))
