"""How what held-out predictions contradict compares with what is wrong: made sets, whose true labels are known.

    python benchmarks/held_out_noise.py --data DIR --sets 32 > results/held-out-noise.md

Images of MNIST, which is in the package, and of Fashion-MNIST below DIR, if it is given. Each set has 600 to 3,000
images of all ten classes, or of two alike; a kind of noise at 5 to 45 %; and a model, weak or strong, which is trained
on the wrong labels in five folds. What is said of the held-out predictions is what `lsbench decide` says. 2 minutes on
one core.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from lsbench.data.dataset import Dataset, load
from lsbench.names.catalogue import DATASETS
from lsbench.noise import flip_labels
from lsbench.noise.pooled import PooledNoise, Refused, pool, pooled_noise

FOLDS, BATCH = 5, 64
RATES, SIZES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.45), (600, 1500, 3000)
KINDS = ("symmetric", "asymmetric", "one way", "instance")  # one way: every second class is mistaken for the next
ALIKE = {"mnist": (3, 5), "fashion-mnist": (2, 6)}


@dataclass(frozen=True)
class Model:
    """A multilayer perceptron and how long it is trained."""

    widths: tuple[int, ...]
    epochs: int
    lr: float


MODELS = {
    "linear, 1 epoch": Model((), 1, 0.01),
    "linear, 8 epochs": Model((), 8, 0.02),
    "128, 10 epochs": Model((128,), 10, 0.1),
    "256, 20 epochs": Model((256,), 20, 0.1),
}


@dataclass(frozen=True)
class Outcome:
    """Of one set."""

    data: str
    kind: str
    model: str
    rate: float  # of wrong labels
    error: float  # of the held-out predictions, against the true classes
    told: PooledNoise | Refused


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with Fashion-MNIST")
    parser.add_argument("--sets", type=int, default=32, help="of each data set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = [load("mnist"), *([load("fashion-mnist", options.data)] if options.data else [])]
    print(page([outcome(data, seed) for data in sets for seed in range(options.sets)]))


def outcome(data: Dataset, seed: int) -> Outcome:
    """A set of which everything is drawn from its seed, and what is said of it."""
    draws = np.random.default_rng(seed)
    kind, name = KINDS[seed % len(KINDS)], list(MODELS)[seed // len(KINDS) % len(MODELS)]
    images, true, mapping = some_images(data, int(draws.choice(SIZES)), seed, two=draws.random() < 0.25)
    given = with_wrong_labels(images, true, mapping, kind, float(draws.choice(RATES)), seed)
    log_probs = cross_fitted(images, given, MODELS[name], seed)
    told = pooled_noise(pool(np.arange(len(given)), given.numpy(), log_probs.double().numpy()))
    error = (log_probs.argmax(-1) != true).double().mean().item()
    return Outcome(data.name, kind, name, (given != true).double().mean().item(), error, told)


def some_images(data: Dataset, count: int, seed: int, *, two: bool) -> tuple[Tensor, Tensor, dict[int, int]]:
    """Images (n, d), their classes, and which class is mistaken for which; of two classes the first for the second."""
    kept = torch.isin(data.labels, torch.tensor(ALIKE[data.name])) if two else torch.ones_like(data.labels).bool()
    images, labels = data.images[kept].flatten(1), data.labels[kept]
    chosen = torch.randperm(len(labels), generator=Generator().manual_seed(seed))[:count]
    mapping = {0: 1} if two else dict(DATASETS[data.name].asymmetric)
    return images[chosen], labels[chosen].unique(return_inverse=True)[1], mapping


def with_wrong_labels(
    images: Tensor, true: Tensor, mapping: dict[int, int], kind: str, rate: float, seed: int
) -> Tensor:
    """The given labels; asymmetric noise is Patrini's, in which some classes are mistaken for each other."""
    classes, draws = int(true.max()) + 1, Generator().manual_seed(10_000 + seed)
    if kind == "one way":
        return flip_labels(true, rate, classes, draws, "asymmetric", mapping={i: i + 1 for i in range(0, classes, 2)})
    inputs = {"mapping": mapping} if kind == "asymmetric" else {"images": images} if kind == "instance" else {}
    return flip_labels(true, rate, classes, draws, kind, **inputs)


def cross_fitted(images: Tensor, given: Tensor, model: Model, seed: int) -> Tensor:
    """Log-probs (n, K) of networks that were trained on the other folds; the five are trained as one program."""
    draws, classes = Generator().manual_seed(20_000 + seed), int(given.max()) + 1
    parts = torch.tensor_split(torch.randperm(len(given), generator=draws), FOLDS)
    size = len(given) - max(map(len, parts))
    others = torch.stack([torch.cat([one for one in parts if one is not part])[:size] for part in parts])
    layers = [_layer(a, b, draws) for a, b in pairwise((images.shape[1], *model.widths, classes))]
    weights = [tensor for layer in layers for tensor in layer]
    steps = model.epochs * -(-size // BATCH)
    optimizer = torch.optim.SGD(weights, model.lr, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, model.lr, total_steps=steps)
    for _ in range(model.epochs):
        order = others.gather(1, torch.stack([torch.randperm(size, generator=draws) for _ in parts]))
        for batch in order.split(BATCH, dim=1):
            logits = _logits(layers, images[batch])
            optimizer.zero_grad()
            (cross_entropy(logits.flatten(0, 1), given[batch].flatten()) * FOLDS).backward()
            optimizer.step()
            schedule.step()
    log_probs = torch.empty(len(given), classes)
    with torch.no_grad():
        for fold, part in enumerate(parts):
            one = [(w[fold : fold + 1], b[fold : fold + 1]) for w, b in layers]
            log_probs[part] = _logits(one, images[part][None])[0].log_softmax(-1)
    return log_probs


def _layer(wide: int, out: int, draws: Generator) -> tuple[Tensor, Tensor]:
    weight = (2 * torch.rand(FOLDS, wide, out, generator=draws) - 1) / wide**0.5
    return weight.requires_grad_(), torch.zeros(FOLDS, 1, out, requires_grad=True)


def _logits(layers: Sequence[tuple[Tensor, Tensor]], x: Tensor) -> Tensor:
    for i, (weight, bias) in enumerate(layers):
        x = torch.baddbmm(bias, x.relu() if i else x, weight)
    return x


HEAD = """# What held-out predictions contradict, beside what is wrong

<!-- made by: python benchmarks/held_out_noise.py --data DIR -->

{sets} made sets of {data}: 600, 1,500 or 3,000 images of ten classes, or of two that are alike; 5 to 45 %
noise; four models, each trained on the wrong labels in five folds. In the kind `one way` every second class is mistaken
for the next one.

- **told**: sets of which something is said; of the others the model is too weak.
- **below the upper end**: sets whose true share of wrong labels is below the upper end of the interval.
- **contradicted − wrong**: of the two shares, in points: median, least and most.
- **of wrong + error**: the share that is contradicted, divided by the sum of that of wrong labels and of the model's
  error against the true classes: median and most.
- **surest − wrong**: how far the share among the surest predictions is from that of wrong labels, in points: median.
"""
COLUMNS = ("sets", "told", "below the upper end", "contradicted − wrong", "of wrong + error", "surest − wrong")


def page(outcomes: Sequence[Outcome]) -> str:
    """The tables: by kind of noise, and by model."""
    head = HEAD.format(sets=len(outcomes), data=" and ".join(dict.fromkeys(one.data for one in outcomes)))
    by_kind = table("noise", outcomes, lambda one: one.kind, KINDS)
    return f"{head}\n{by_kind}\n\n{table('model', outcomes, lambda one: one.model, tuple(MODELS))}"


def table(title: str, outcomes: Sequence[Outcome], of: Callable[[Outcome], str], names: Sequence[str]) -> str:
    """A line per name."""
    lines = [line(name, [one for one in outcomes if of(one) == name]) for name in names]
    return "\n".join(" | ".join(("", *each, "")).strip() for each in ((title, *COLUMNS), ["---"] * 7, *lines))


def line(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    """The numbers of some sets."""
    told = [(one, one.told) for one in outcomes if isinstance(one.told, PooledNoise)]
    if not told:
        return [name, str(len(outcomes)), "0", "-", "-", "-", "-"]
    more = [100 * (said.contradicted - one.rate) for one, said in told]
    ratio = [said.contradicted / (one.rate + one.error) for one, said in told]
    surest = [100 * abs((said.surest or 0.0) - one.rate) for one, said in told]
    below = sum(one.rate <= said.high for one, said in told)
    return [
        name,
        str(len(outcomes)),
        str(len(told)),
        f"{below} of {len(told)}",
        f"{np.median(more):+.1f} ({min(more):+.1f} to {max(more):+.1f})",
        f"{np.median(ratio):.2f} ({max(ratio):.2f})",
        f"{np.median(surest):.1f}",
    ]


if __name__ == "__main__":
    main()
