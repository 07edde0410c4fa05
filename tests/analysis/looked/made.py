"""Rows with files beside them, whose true labels are known, and looks at them that answer truly."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import log_softmax

from lsbench.analysis.decide import decide
from lsbench.analysis.looked import looked_verdict
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.looks import DesignArm, StoredDesign, Verified, design_folder, write_design
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions
from lsbench.rows.store import write
from lsbench.statistics.looks import belief_of, sizes_of
from tests.analysis.summary.handmade import a_row

CLASSES = ("cat", "dog", "eel", "fox")
K = len(CLASSES)


@dataclass(frozen=True)
class Made:
    """Rows, where they are, and the truth."""

    rows: list
    folder: Path
    truth: np.ndarray  # (N,)
    given: np.ndarray  # (N,)
    log_probs: dict  # (loss, seed) -> (N, K), as kept

    def true(self, loss, metric="accuracy"):
        """The mean over the seeds by the true labels."""
        made = [self._true(log_probs, metric) for (name, _), log_probs in self.log_probs.items() if name == loss]
        return float(np.mean(made))

    def _true(self, log_probs, metric):
        of_label = log_probs[np.arange(len(self.truth)), self.truth]
        right = (log_probs.argmax(1) == self.truth).mean()
        if metric == "brier":
            return ((np.exp(log_probs) - np.eye(K)[self.truth]) ** 2).sum(1).mean()
        return {"accuracy": right, "nll": -of_label.mean(), "signed_error": right - np.exp(log_probs).max(1).mean()}[
            metric
        ]


def make(
    folder,
    skills,
    *,
    n=400,
    seeds=3,
    wrong=0.2,
    seed=0,
    lost=(),
    given=None,
    alike=False,
    equal=False,
    fingerprint="f",
    held_out=False,
):
    """skills: loss -> how well it tells the classes apart. A share `wrong` of the labels is of another class.

    alike: all networks of a seed are the first loss's. equal: they are so on other examples of the same true class, so
    that losses differ by nothing but which examples they get wrong.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(K, size=n)
    drawn = np.where(rng.random(n) < wrong, (truth + rng.integers(1, K, n)) % K, truth)
    given = drawn if given is None else given
    data = {
        "train": [9] * K,
        "held_out": [1] * K,
        "test": np.bincount(given, minlength=K).tolist(),
        "classes": [*CLASSES],
    }
    shared, rows, kept = rng.normal(size=(n, K)), [], {}
    first = next(iter(skills)) if alike or equal else None
    for loss, skill in skills.items():
        own, places = rng.normal(size=(n, K)), _within(truth, rng)
        for s in range(seeds):
            scores = skill * np.eye(K)[truth] + shared + 0.6 * own + 0.4 * rng.normal(size=(n, K))
            if first is not None and loss != first:
                scores = kept[first, s] if alike else kept[first, s][places]
            log_probs = np.maximum(log_softmax(scores, axis=1), -60).astype(np.float16).astype(float)
            kept[loss, s] = log_probs
            rows.append(_row(folder, loss, s, log_probs, given, data, lost, fingerprint, held_out))
    return Made(rows, folder, truth, given, kept)


def _within(truth, rng):
    """Another example of the same class for each."""
    places = np.empty(len(truth), int)
    for k in range(K):
        own = np.flatnonzero(truth == k)
        places[own] = rng.permutation(own)
    return places


def _row(folder, loss, seed, log_probs, given, data, lost, fingerprint, holds_out):
    at = np.arange(len(given))
    answer = log_probs.argmax(1)
    nll = -float(log_probs[at, given].mean())
    signed = float((answer == given).mean() - np.exp(log_probs).max(1).mean())
    status = "diverged" if (loss, seed) in lost else "ok"
    eps = 0.1 if loss == "lsr" else None
    row = a_row(
        loss,
        seed,
        float((answer == given).mean()),
        eps,
        status,
        0,
        {"data": data, "noise_record": {}},
        nll=nll,
        aurc=0.3,
        signed_error=signed,
    )
    held_out = at[seed::3] if holds_out else at[:0]
    kept = HeldOutPredictions(held_out, given[held_out], log_probs[held_out], log_probs)
    files = ExamplePredictions(given, answer, np.minimum(0, log_probs[at, given]), np.exp(log_probs).max(1))
    row = replace(
        row,
        cell=replace(row.cell, dataset="./photos", fingerprint=fingerprint),
        examples=pack_examples(files),
        predictions=pack_predictions(kept),
    )
    write(row, folder)
    return row


def design_of(made, n, seed=0, sizes=None):
    """An order of looks: by size where sizes are given, else all alike."""
    sizes = np.full(len(made.truth), 1 / len(made.truth)) if sizes is None else sizes
    clocks = -np.log1p(-np.random.default_rng(seed).random(len(sizes))) / sizes
    cell = made.rows[0].cell
    arms = {}
    for row in made.rows:
        arms.setdefault(row.cell.arm.name, []).append(row.id)
    return StoredDesign(
        dataset=cell.dataset,
        fingerprint=cell.fingerprint,
        part="test",
        test_noise="",
        classes=CLASSES,
        numbers=np.arange(len(sizes)),
        given=made.given,
        sizes=sizes,
        order=np.argsort(clocks),
        seed=seed,
        arms=tuple(DesignArm(name, tuple(ids)) for name, ids in arms.items()),
        announced=(n,),
    )


def by_doubt(made):
    """Sizes as `lsbench verify` makes them: by what a label can say of the arms, times how doubtful it is."""
    of_loss = {}
    for (loss, _), log_probs in made.log_probs.items():
        of_loss.setdefault(loss, []).append(log_probs)
    shares = {loss: np.mean([np.eye(K)[one.argmax(1)] for one in some], 0) for loss, some in of_loss.items()}
    at = np.arange(len(made.given))
    best = max(shares, key=lambda loss: shares[loss][at, made.given].mean())
    belief = belief_of(np.mean(np.exp(of_loss[best]), 0), made.given)
    effects = [shares[loss] - shares[other] for loss in shares for other in (next(iter(shares)), best) if loss != other]
    return sizes_of(effects, belief, made.given)


def looks_at(made, n, seed=0, sizes=None, unclear=(), outside=(), **changes):
    """True answers to the first n of the order; at the places `unclear` nobody can tell."""
    design = changes.pop("design", None) or design_of(made, n, seed, sizes)
    examples = design.order[:n]
    labels, may_be = made.truth[examples].copy(), np.eye(K, dtype=bool)[made.truth[examples]]
    labels[[*unclear, *outside]] = -1
    may_be[[*unclear]] = True
    may_be[[*outside]] = False
    none = np.isin(np.arange(n), [*outside])
    how = {"people": ("anna",), "agreement": None, "agreement_n": 0, "cannot_tell": len(unclear), "unused": 0}
    return Verified(design, examples, labels, may_be, none, **{**how, **changes})


def looked(made, verified, by="accuracy", **options):
    """The verdict of the made rows by what was looked at."""
    (verdict,) = decide(made.rows, by, results=made.folder, **options)
    return looked_verdict(verdict, [verified])


def write_answers(made, verified, folder, person="anna"):
    """The design as a file below the results, and the answers as `verified.csv`."""
    design = verified.design
    digests = tuple(f"{number:064x}" for number in design.order[: verified.n])
    write_design(replace(design, digests=digests), design_folder(made.folder))
    path = folder / "verified.csv"
    lines = [
        f"{item},,{digest},{CLASSES[label]},{person},{design.id},0.001,"
        for item, digest, label in zip(design.order, digests, verified.labels, strict=False)
    ]
    path.write_text("\n".join(["item,path,sha256,label,person,design,probability,time", *lines]) + "\n")
    return path
