"""Answer what `lsbench verify` asks by published labels, in place of a person: for studies whose truth is known.

    python benchmarks/answers.py RESULTS/verify/verify.csv DATASET truth.csv verified.csv [test|train]

truth.csv has the columns path and label, see photos.py. DATASET is the name that the rows were trained with.
"""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

from lsbench.data.describe import describe

PERSON = "the published labels"


def main(asked: Path, dataset: str, truth: Path, answered: Path, part: str = "test") -> None:
    """Write the same lines with the columns label, person and time filled in."""
    true_class, paths = truth_of(truth), paths_of(dataset, part)
    with asked.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for line in lines:
        line |= {"label": true_class[paths[int(line["item"])]], "person": PERSON, "time": now}
    with answered.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def truth_of(truth: Path) -> dict[str, str]:
    """The true class of each file, by its path."""
    with truth.open(newline="", encoding="utf-8") as file:
        return {line["path"]: line["label"] for line in csv.DictReader(file)}


def paths_of(dataset: str, part: str) -> tuple[str, ...]:
    """The paths of a part's examples, by their numbers."""
    description = describe(dataset)
    return description.test_part.paths if part == "test" else description.paths


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(Path(arguments[0]), arguments[1], Path(arguments[2]), Path(arguments[3]), *arguments[4:])
