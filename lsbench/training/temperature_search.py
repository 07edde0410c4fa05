"""The optima of many sets of logits at once: what a search needs to know is looked up for all sets together.

A search is a generator: it yields a beta, and is sent slope and curvature there, or a list of betas, and is sent the
values there. So a GPU is read once for a round of all searches.
"""

import math
from collections.abc import Generator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from lsbench.errors import InputError

Status = Literal["ok", "separable", "uninformative", "constant", "not finite"]
Optimum = tuple[float, Status]
Question = float | list[float]
Search = Generator[Question, Any, Optimum]

LOWEST, HIGHEST = 1e-6, 1e6  # the bracket of beta = 1/T, in units of 1 / the logits' scale
CLOSE = 1e-10  # relative width at which a bracket is closed; Newton's last step in it gives the last digits
NEWTON, STEPS = 40, 100  # steps that may be Newton's, and in all: the others halve the bracket, 27 wide in log beta
GRID = [10 ** (i / 10) for i in range(-60, 61)]  # the coarse search: 10 per decade of the bracket
FEW = 2000  # logits of one set: with more, all betas at once are no quicker than one by one
FAINT = -700.0  # exp of it is 0 beside a 1; one that underflows takes 4 to 40 times as long
PLATEAU = 1e-13  # relative difference at which the upper end counts as good as the best of the scan
ANY = 1.0  # the beta of a set that asks nothing in a round


def optima(logits: Tensor, labels: Tensor, noise: Tensor | None) -> list[Optimum]:
    """The best beta of each set and its status; logits (sets, n, K), labels (sets, n), noise (sets, K, K)."""
    likelihoods = Likelihoods(logits, labels, noise)
    if noise is None:
        return searched(likelihoods, [_optimum() for _ in logits])
    return searched(likelihoods, [_scanned_optimum(bound) for bound in likelihoods.bounds()])


def searched(likelihoods: "Likelihoods", searches: Sequence[Search]) -> list[Optimum]:
    """What each search finds, one for each set; each round answers one question of every search that goes on."""
    ended: dict[int, Optimum] = {}
    answers: dict[int, Any] = dict.fromkeys(range(len(searches)))
    while answers:
        questions: dict[int, Question] = {}
        for i, answer in answers.items():
            try:
                questions[i] = searches[i].send(answer)
            except StopIteration as end:
                ended[i] = end.value
        answers = likelihoods.answers(questions)
    return [ended[i] for i in range(len(searches))]


class Likelihoods:
    """The mean negative log-likelihood of each set at a beta, and its derivatives with respect to it.

    nll = mean_i log sum_j exp(beta a_j) - log sum_j P(y | j) exp(beta b_j) + beta (max z - best z), with best z the
    largest logit where P(given y | true j) > 0, a = z - max z and b = z - best z: no exp overflows, no sum is 0.
    """

    def __init__(self, logits: Tensor, labels: Tensor, noise: Tensor | None) -> None:
        z = logits.mT.contiguous()  # (sets, K, n): sums over classes run along rows of examples
        top = z.amax(1)
        self.below_top: Tensor = (z - top.unsqueeze(1)).unsqueeze(1)  # (sets, 1, K, n), as all: the 1 is for betas
        best, self.label_probs = z.gather(1, labels.unsqueeze(1)).squeeze(1), None
        if noise is not None:
            of_labels = noise.gather(2, labels.unsqueeze(1).expand(-1, z.shape[1], -1))  # P(given | true)
            possible = of_labels > 0
            best = z.where(possible, -torch.inf).amax(1)
            if (best == -torch.inf).any():
                raise InputError("noise must not make a label that is there impossible: a column is all zero")
            below_best = None if possible.all() else (z - best.unsqueeze(1)).where(possible, 0).unsqueeze(1)
            self.label_probs: Tensor | None = of_labels.unsqueeze(1)
            self.below_best: Tensor = self.below_top if below_best is None else below_best
        self.gap: Tensor = (top - best).mean(-1, keepdim=True)  # (sets, 1)

    def answers(self, questions: dict[int, Question]) -> dict[int, Any]:
        """Of each set that asks: slope and curvature at its beta, or the values at its betas."""
        betas = {i: asked for i, asked in questions.items() if isinstance(asked, float)}
        lists = {i: asked for i, asked in questions.items() if isinstance(asked, list)}
        sets, answers = range(len(self.gap)), dict[int, Any]()
        if betas:
            derivatives = self.derivatives([betas.get(i, ANY) for i in sets])
            answers |= {i: derivatives[i] for i in betas}
        if lists:
            values = self.nlls([lists.get(i, []) for i in sets])
            answers |= {i: values[i] for i in lists}
        return answers

    def nlls(self, betas: Sequence[Sequence[float]]) -> list[list[float]]:
        """The values of each set at each of its betas, and some more where others have more."""
        most = max(map(len, betas))
        columns = self.gap.new_tensor([[*own, *[ANY] * (most - len(own))] for own in betas])  # (sets, most)
        few = self.below_top[0].numel() <= FEW
        return torch.cat([self._nlls(part) for part in columns.split(most if few else 1, 1)], 1).tolist()

    def _nlls(self, betas: Tensor) -> Tensor:
        weights, posterior = self._weights(betas, FAINT)
        total = weights.sum(2) if posterior is None else weights.sum(2) / posterior.sum(2)
        return total.log_().mean(-1) + betas * self.gap

    def derivatives(self, betas: Sequence[float]) -> list[list[float]]:
        """The slope and the curvature of each set's nll at its beta."""
        weights, posterior = self._weights(self.gap.new_tensor(betas).unsqueeze(1))
        mean, variance = _moments(self.below_top, weights)
        slope = mean + self.gap
        if posterior is not None:
            posterior_mean, posterior_variance = _moments(self.below_best, posterior)
            slope, variance = slope - posterior_mean, variance - posterior_variance
        return torch.cat([slope, variance], 1).tolist()

    def bounds(self) -> list[float]:
        """Of each set, a bound of how far its curvature lies below 0, see `_falling`."""
        return (self.below_top.amin(2).square().mean(-1) / 4).flatten().tolist()

    def _weights(self, betas: Tensor, least: float = -math.inf) -> tuple[Tensor, Tensor | None]:
        """Proportional to P(true j), and to P(true j | given y), both (sets, betas, K, n); the logs at the `least`."""
        betas = betas[:, :, None, None]
        weights = _exp(self.below_top, betas, least)
        if self.label_probs is None:
            return weights, None
        if self.below_best is self.below_top:
            return weights, self.label_probs * weights
        return weights, self.label_probs * _exp(self.below_best, betas, least)


def _exp(below: Tensor, betas: Tensor, least: float) -> Tensor:
    exponents = below * betas
    return (exponents if least == -math.inf else exponents.clamp_min_(least)).exp_()


def _moments(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The means over examples of each one's weighted mean and variance, (sets, betas)."""
    total, weighted = weights.sum(2), weights * values
    mean = weighted.sum(2) / total
    variance = weighted.mul_(values).sum(2) / total - mean * mean
    return mean.mean(-1), variance.mean(-1)


def _optimum() -> Search:
    slope, curvature = yield LOWEST
    if slope >= 0:
        return LOWEST, "uninformative"
    slope_at_highest, _ = yield HIGHEST
    if slope_at_highest <= 0:  # 0 where all other probs have underflowed
        return HIGHEST, "separable"
    beta = yield from _close_in(LOWEST, HIGHEST, LOWEST - slope / curvature)
    return beta, "ok"


def _scanned_optimum(bound: float) -> Search:
    slope, _ = yield LOWEST
    first = _falling(slope, bound)
    values = [math.inf] * first + (yield GRID[first:])[: len(GRID) - first]
    lowest = min(values)
    if values[-1] <= lowest + PLATEAU * (1 + abs(lowest)):
        return HIGHEST, "separable"
    if values[0] == lowest:
        return LOWEST, "uninformative"
    around = [(i, sorted((values[i - 1], values[i + 1]))) for i in range(1, len(GRID) - 1)]
    dips: list[float] = []
    for i, (near, far) in around:
        if values[i] <= near and 2 * values[i] - far <= lowest:  # may be the lowest
            dips.append((yield from _dip(*GRID[i - 1 : i + 2])))
    if len(dips) == 1:
        return dips[0], "ok"
    nlls = yield dips
    return min(zip(nlls, dips, strict=False))[1], "ok"


def _falling(slope: float, bound: float) -> int:
    """How many points of the grid need no look, as the NLL falls from each to the one after the next.

    Its curvature is the difference of two mean variances, each at most a quarter of the mean squared range of an
    example's logits. So a slope below 0 at the lowest beta stays below 0 up to that slope over this bound.
    """
    end = LOWEST - slope / bound
    return max(0, sum(beta <= end for beta in GRID) - 2) if slope < 0 else 0


def _dip(low: float, middle: float, high: float) -> Generator[Question, Any, float]:
    slope, _ = yield middle
    ends = (low, middle) if slope > 0 else (middle, high)
    beta = yield from _close_in(*ends, math.sqrt(ends[0] * ends[1]))
    return beta


def _close_in(low: float, high: float, beta: float) -> Generator[Question, Any, float]:
    """Where the slope goes from below 0 at low to above 0 at high: each step makes the bracket smaller."""
    same, rising = 0, False
    for step in range(STEPS):
        beta = beta if low < beta < high else math.sqrt(low * high)
        slope, curvature = yield beta
        low, high = (beta, high) if slope < 0 else (low, beta)
        same, rising = (same + 1 if (slope < 0) == rising else 0), slope < 0
        newton = -slope / curvature if curvature > 0 else math.inf
        if high <= low * (1 + CLOSE):
            return min(max(beta + newton, low), high)
        # longer after steps from one side, and always a little beyond, so that the other end of the bracket moves too
        beyond = newton * 2 ** max(same - 2, 0) + math.copysign(CLOSE / 2 * beta, newton)
        beta = beta + beyond if step < NEWTON else math.inf
    return math.sqrt(low * high)
