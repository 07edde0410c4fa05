"""What the rows of a folder of photographs say, beside what its true labels say: a table.

    python benchmarks/beside_truth.py RESULTS photos truth.csv

RESULTS holds the rows of `lsbench run --dataset ./photos ...`, whose labels are the names of the folders; truth.csv has
the columns path and label, see photos.py. No command of lsbench reads it.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from blind_bars import points, table

from lsbench.data.describe import describe
from lsbench.rows import store
from lsbench.rows.examples import read_examples

Accuracies = dict[str, list[tuple[float, float]]]  # by loss, of each seed: against given and against true labels


def main(results: Path, photos: str, truth: Path) -> None:
    """Print the table, the most accurate by the given labels first."""
    by_loss = accuracies(results, photos, truth)
    lines = [
        [
            loss,
            *(
                f"{points(mean)} ± {points(sd)}"
                for mean, sd in zip(np.mean(both, 0), np.std(both, 0, ddof=1), strict=True)
            ),
        ]
        for loss, both in sorted(by_loss.items(), key=lambda item: -float(np.mean(item[1], 0)[0]))
    ]
    print(table(("loss", "accuracy, given labels %", "accuracy, true labels %"), lines))


def accuracies(results: Path, photos: str, truth: Path) -> Accuracies:
    """Of each loss, seed by seed."""
    with truth.open(newline="") as file:
        true_class = {row["path"]: row["label"] for row in csv.DictReader(file)}
    description = describe(photos)
    paths = description.test_part.paths
    true = np.array([description.class_names.index(true_class[path]) for path in paths])
    by_loss: Accuracies = {}
    for row in sorted(store.read(results)[0], key=lambda row: (row.cell.loss, row.cell.seed)):
        examples = read_examples(store.examples_path(row.id, results))
        if examples is not None:
            given = examples.labels
            right = [float((examples.predicted == labels).mean()) for labels in (given, true)]
            by_loss.setdefault(row.cell.arm.typed, []).append((right[0], right[1]))
    return by_loss


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
