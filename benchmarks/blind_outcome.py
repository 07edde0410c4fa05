"""One set's answers beside its truth, as plain numbers: what the tables of the study are made of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from blind_changes import changes
from blind_claims import bold_of, claims_of, forbidden_in, recommended
from blind_run import KNOWN, TRUSTED, answers, dataset, rows_of, said_of, verdict_on
from blind_sets import MadeSet, matrix_path, order_of_photos
from blind_temperatures import true_eces
from blind_truth import CRITERIA, Networks, judged, networks_of, true_accuracy, true_difference, true_mean

from lsbench.data.idx import read_idx
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import is_oracle


def outcome(one: MadeSet, folder: Path, data: Path) -> dict[str, Any]:
    """Everything that the tables need of a set."""
    said, rows = answers(one, folder), stored(folder / rows_of(one), dataset(one))
    truth = truth_of(one, folder, data, rows)
    networks = networks_of(visible(rows), folder / rows_of(one), truth["y_test"], truth["given_test"])
    tables = section(one, folder)
    return {
        "name": one.name,
        "wrong": {"train": truth["wrong_train"], "test": truth["wrong_test"]},
        "kind": one.kind,
        "true": {name: true_mean(arm) for name, arm in networks.items()},
        "true_ece": {name: -true_mean(arm, "ece") for name, arm in networks.items()},
        "true_differences": differences(networks),
        "recommended": recommended(said["accuracy"]),
        "claims": {name: judged(claims_of(said[name]), name, networks) for name in CRITERIA},
        "if_trusted": if_trusted(one, folder, networks),
        "bold": [told for claim in bold_of(tables) for told in judged([claim], claim["by"], networks)],
        "changes": changes(said["accuracy"], networks, truth["given_test"], kind=one.kind, rate=truth["wrong_test"]),
        "noise": said["accuracy"]["contradicted"],
        "temperatures": temperatures(one, folder, rows, truth["y_test"]),
        "known": known_accuracy(one, folder, rows, truth["y_test"]),
        "says": sorted({word for text in (tables, *texts(said)) for word in forbidden_in(text)}),
        "verdict": said["accuracy"],
    }


def differences(networks: Networks) -> dict[str, dict[str, float]]:
    """The true difference of each arm's accuracy to that of ce."""
    base = networks["ce"]
    return {name: true_difference(arm, base, "accuracy") for name, arm in networks.items() if name != "ce"}


@cache
def _read(folder: Path) -> dict[str, list[Row]]:
    """The rows of a folder by their data set; `ValueError` where some can't be read."""
    rows, unreadable = store.read(folder)
    if unreadable:
        raise ValueError(f"{folder}: {len(unreadable)} rows can't be read")
    by_dataset = defaultdict(list)
    for row in rows:
        by_dataset[row.cell.dataset].append(row)
    return by_dataset


def stored(folder: Path, name: str) -> list[Row]:
    """The rows of a data set in a folder."""
    return _read(folder)[name]


def visible(rows: Iterable[Row]) -> list[Row]:
    """Those that a verdict under unknown noise sees: without the arm that is handed the true matrix."""
    return [row for row in rows if not is_oracle(row.cell.arm)]


def known_accuracy(one: MadeSet, folder: Path, rows: Sequence[Row], true: np.ndarray) -> float:
    """The true accuracy of forward with the true matrix."""
    if one.injected:
        return true_accuracy([row for row in rows if is_oracle(row.cell.arm)], folder / rows_of(one), true)
    return true_accuracy(stored(folder / KNOWN, dataset(one)), folder / KNOWN, true)


def temperatures(one: MadeSet, folder: Path, rows: Sequence[Row], true: np.ndarray) -> dict[str, float]:
    """The true ECE of ce after each way of temperature scaling."""
    plain = [row for row in rows if row.cell.loss == "ce"]
    matrix = plain[0].noise_record["matrix"] if one.injected else np.loadtxt(matrix_path(one, folder), delimiter=",")
    return true_eces(plain, folder / rows_of(one), true, np.asarray(matrix, float))


def truth_of(one: MadeSet, folder: Path, data: Path, rows: Sequence[Row]) -> dict[str, Any]:
    """True labels of the test set in lsbench's order, the given ones, and the shares that are wrong."""
    if one.injected:
        return _truth_of_injected(folder / rows_of(one), data, rows[0])
    with np.load(folder / "truth" / f"{one.name}.npz") as file:
        arrays = {name: file[name].astype(np.int64) for name in file.files}
    order = order_of_photos(folder / one.name) if one.source == "photos" else slice(None)
    wrong = {
        f"wrong_{part}": float((arrays[f"y_{part}"] != arrays[f"given_{part}"]).mean()) for part in ("train", "test")
    }
    return {"y_test": arrays["y_test"][order], "given_test": arrays["given_test"][order], **wrong}


def _truth_of_injected(folder: Path, data: Path, row: Row) -> dict[str, Any]:
    """Of the catalogue's test set the published labels; the realised rates as the rows record them."""
    labels = np.asarray(read_idx(data / "FashionMNIST" / "raw" / "t10k-labels-idx1-ubyte")).astype(np.int64)
    with np.load(store.logits_path(row.id, folder / "logits")) as arrays:
        given = arrays["test_labels"]
    return {
        "y_test": labels,
        "given_test": given,
        "wrong_train": row.noise_record["realised"],
        "wrong_test": float((given != labels).mean()),
    }


def section(one: MadeSet, folder: Path) -> str:
    """What the report says of the set; nothing of injected noise, of which it tells everything."""
    path = said_of(rows_of(one), folder) / "report.md"
    sections = path.read_text(encoding="utf-8").split("\n### ") if path.exists() else []
    return "".join(part for part in sections if part.removeprefix("### ").startswith(dataset(one)))


def if_trusted(one: MadeSet, folder: Path, networks: Networks) -> dict[str, list[dict[str, Any]]]:
    """What a verdict would claim that believes the test labels, judged."""
    if one.injected:
        return {}
    paths = {name: said_of(rows_of(one), folder) / f"trusted-{name}.json" for name in TRUSTED}
    return {name: judged(claims_of(verdict_on(one, path)), name, networks) for name, path in paths.items()}


def texts(said: dict[str, dict[str, Any]]) -> list[str]:
    """All sentences of the verdicts."""
    layers = [verdict[part]["text"] for verdict in said.values() for part in ("given_labels", "would_change")]
    words = [verdict[part] for verdict in said.values() for part in ("text", "evidence")]
    return [*words, *layers, *(step for verdict in said.values() for step in verdict["next"])]
