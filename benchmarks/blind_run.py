"""What the study asks lsbench, as a user would on the command line; rows that are there are not trained again.

`FOLDER/rows` are the rows that the verdicts see, of all own data; `FOLDER/catalogue/NAME` those of the catalogue's
data with injected noise; `FOLDER/known` those of forward with the true matrix, which no verdict sees; `FOLDER/said/`
the answers. Sets that share a model and a recipe are trained by one command; what `known` holds is trained from
Python. Both save the start of a process for each set.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from blind_sets import MadeSet
from blind_truth import CRITERIA

from lsbench import compare

LOSSES = ("ce", "lsr", "gce", "elr", "forward", "prune", "prune:first=gce")
TRUSTED = ("nll", "ece")  # by these also what a verdict says that believes the test labels
TRUE_MATRIX = "forward:matrix=known"  # of injected noise
SEEDS = 5
OWN, KNOWN = "rows", "known"  # folders


def train(sets: Sequence[MadeSet], folder: Path, data: Path) -> None:
    """Every network: what a user can train, then what only the truth allows."""
    own = sorted((one for one in sets if not one.injected), key=_recipe)
    for (model, epochs), group in groupby(own, key=_recipe):
        names = ",".join(dataset(one) for one in group)
        options = ("--model", model, "--epochs", str(epochs), "--seeds", str(SEEDS), "--loss", ",".join(LOSSES))
        lsbench(folder, data, "run", "--dataset", names, *options, "--jobs", "1", "--save-logits", "--out", OWN)
    for one in sets:
        (_train_injected if one.injected else _train_known)(one, folder, data)


def _recipe(one: MadeSet) -> tuple[str, int]:
    return one.model, one.epochs


def _train_injected(one: MadeSet, folder: Path, data: Path) -> None:
    noise = ("--noise", str(one.rate), "--noise-kind", one.kind, "--noise-seed", "0", "--test-noise", "same")
    what = (
        "--dataset",
        dataset(one),
        "--train-size",
        str(one.train),
        "--model",
        one.model,
        "--epochs",
        str(one.epochs),
    )
    losses = ("--loss", ",".join((*LOSSES, TRUE_MATRIX)), "--seeds", str(SEEDS))
    lsbench(folder, data, "run", *what, *noise, *losses, "--jobs", "1", "--save-logits", "--out", rows_of(one))


def _train_known(one: MadeSet, folder: Path, data: Path) -> None:
    os.chdir(folder)
    loss = f"forward:matrix=./matrix/{one.name}.csv"
    compare(
        model=one.model, data=dataset(one), losses=[loss], seeds=SEEDS, recipe={"epochs": one.epochs},
        data_dir=data, out=KNOWN,
    )  # fmt: skip


def rows_of(one: MadeSet) -> str:
    """The folder of the rows that the verdict on a set sees."""
    return f"catalogue/{one.name}" if one.injected else OWN


def dataset(one: MadeSet) -> str:
    """As it is typed below the study's folder."""
    if one.injected:
        return "fashion-mnist"
    return f"./{one.name}/" + ("photos" if one.source == "photos" else "data.npz")


def ask(sets: Iterable[MadeSet], folder: Path, data: Path) -> None:
    """The verdicts of all rows by every criterion, with the noise unknown, and the tables."""
    for part, injected in sorted({(rows_of(one), one.injected) for one in sets}):
        unknown = ("--unknown-noise",) if injected else ()
        said = said_of(part, folder)
        for criterion in CRITERIA:
            _keep(
                said / f"{criterion}.json", lsbench(folder, data, "decide", part, "--by", criterion, "--json", *unknown)
            )
        if not injected:  # of injected noise a report tells everything
            for criterion in TRUSTED:
                trusting = ("decide", part, "--by", criterion, "--trust", "test", "--json")
                _keep(said / f"trusted-{criterion}.json", lsbench(folder, data, *trusting))
            _keep(said / "report.md", lsbench(folder, data, "report", part, "--format", "markdown"))


def said_of(part: str, folder: Path) -> Path:
    """The folder of what was said of some rows."""
    return folder / "said" / part


def _keep(path: Path, answer: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(answer, encoding="utf-8")


def lsbench(folder: Path, data: Path, *words: str) -> str:
    """What a command prints; `SystemExit` with its own words where it fails."""
    environment = os.environ | {"LSBENCH_DATA": str(data), "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "lsbench", *words]
    with (folder / "log").open("a", encoding="utf-8") as log:
        log.write(f"$ lsbench {' '.join(words)}\n")
        log.flush()
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, check=False)
    if done.returncode:
        raise SystemExit(f"{folder / 'log'}: lsbench {' '.join(words)} gave exit code {done.returncode}")
    return done.stdout.decode()


def answers(one: MadeSet, folder: Path) -> dict[str, dict[str, Any]]:
    """The verdict on a set by each criterion, as the commands gave it."""
    said = said_of(rows_of(one), folder)
    return {name: verdict_on(one, said / f"{name}.json") for name in CRITERIA}


def verdict_on(one: MadeSet, path: Path) -> dict[str, Any]:
    """Out of a file of verdicts that of the set."""
    return next(v for v in json.loads(path.read_text(encoding="utf-8")) if v["dataset"] == dataset(one))
