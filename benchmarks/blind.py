"""What lsbench says of labels that nobody vouches for, against the truth that only this script knows.

    python benchmarks/features.py DATA/cifar10.npz DATA/lite0 DATA/features.npz
    python benchmarks/blind.py DATA FOLDER > results/blind.md
    python benchmarks/blind.py DATA FOLDER --only features-symmetric-20-linear-10

DATA holds FashionMNIST/raw/, cifar10.npz, cifar10n.npz, cifar10h.npz and features.npz. FOLDER keeps data, rows and
answers, so a study that was stopped goes on where it was. The sets: blind_sets.py. What is asked: blind_run.py. What
counts as true: blind_truth.py.
"""

import argparse
from pathlib import Path

from blind_outcome import outcome
from blind_run import ask, train
from blind_sets import SETS, make
from blind_tables import page


def main() -> None:
    """Make the sets, train, ask, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", choices=SETS, metavar="SET", help="these sets")
    parser.add_argument("--train", action="store_true", help="make and train, and stop there")
    parser.add_argument("--page", action="store_true", help="only the page, of the answers that are there")
    options = parser.parse_args()
    data, folder = options.data.absolute(), options.folder.absolute()
    sets = [SETS[name] for name in options.only or SETS]
    if not options.page:
        for one in sets:
            make(one, list(SETS).index(one.name), data, folder)
        train(sets, folder, data)
    if not (options.page or options.train):
        ask(sets, folder, data)
    if not options.train:
        print(page([outcome(one, folder, data) for one in sets]), end="")


if __name__ == "__main__":
    main()
