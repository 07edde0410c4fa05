"""Noise that depends on the image: some are easier to mistake, and each for the class it resembles."""

from math import erfc, prod, sqrt

import torch
from torch import Generator, Tensor

from lsbench.data.tensors import Numbers, as_floats
from lsbench.errors import InputError
from lsbench.noise.draws import class_at, uniforms

SPREAD = 0.1  # standard deviation of the images' own rates
HUGE = 1e100  # what still adds up in float64
ROWS = 1024  # images of which scores are held at a time: 25 MB of CIFAR's in float64


def instance(labels: Tensor, rate: float, num_classes: int, generator: Generator, *, images: Numbers) -> Tensor:
    """Each label becomes another class with a probability of its own, and which one, the image decides.

    q_i ~ N(r, 0.1) truncated to [0, 1]; P(j | x_i, y_i) = q_i softmax_j(x_i W[y_i]) over j != y_i, 1 - q_i for
    j = y_i; one W (d, K) ~ N(0, 1) for each class.

    An image is wrong if u_i < q_i, and q_i is the quantile at v_i of its distribution; u, v, the draw of the wrong
    class and W do not depend on the rate. A quantile only grows with r, so the wrong labels at a rate are a subset
    of those at a higher one, wrong in the same way. The realised rate is E q: .2 gives .2055, .3 to .7 themselves
    within .0005, but .1 gives .1288 and 1 gives .9202, because the truncation moves the mean. Rate 0 is no noise,
    as of every kind, though E q tends to .0798 there.

    Scores are float64, so that threads and processors agree on the labels; scaling the images sharpens the softmax.

    images (n, ...), floating point, any device, as the model sees them (normalised), in the order of the labels.
    `InputError`: of another length, without a dimension beside n, or not finite. `DtypeError`: not floating point.

    (Xia et al., 2020, part-dependent label noise)
    """
    images = as_floats("images", images)
    _require_images(images, len(labels))
    chances = uniforms(labels, generator)
    wrong = chances < own_rates(rate, uniforms(labels, generator))
    picks = uniforms(labels, generator)
    noisy = labels.clone()
    for cls in range(num_classes):
        directions = torch.randn(prod(images.shape[1:]), num_classes, generator=generator, dtype=torch.float64)
        for members in (wrong & (labels == cls)).nonzero().squeeze(-1).split(ROWS):
            likeness = _likeness(images[members.to(images.device)], directions, cls)
            noisy[members] = class_at(likeness, picks[members])
    return noisy


def own_rates(rate: float, chances: Tensor) -> Tensor:
    """The quantiles, at each chance, of N(rate, 0.1) truncated to [0, 1]; (n,) float64. None is above 0 at rate 0.

    q = r + s F^-1(F(a) + v (F(b) - F(a))), a = (0 - r) / s, b = (1 - r) / s, F the standard normal distribution.
    """
    if rate == 0:
        return torch.zeros_like(chances)
    low, high = (erfc(-end / SPREAD / sqrt(2)) / 2 for end in (-rate, 1 - rate))  # torch's ndtr loses the tail
    return (rate + SPREAD * torch.special.ndtri(low + chances * (high - low))).clamp(0, 1)


def _likeness(images: Tensor, directions: Tensor, cls: int) -> Tensor:
    """softmax(x W) without the images' own class, (m, K) float64."""
    scores = images.flatten(1).to("cpu", torch.float64) @ directions
    scores[:, cls] = -torch.inf
    return scores.softmax(-1)


def _require_images(images: Tensor, count: int) -> None:
    if images.ndim < 2 or len(images) != count:
        raise InputError(
            f"images must have shape (n, ...) with n = {count}, one for each label; got {tuple(images.shape)}"
        )
    for some in images.split(ROWS) if images.numel() else ():
        low, high = (end.item() for end in some.aminmax())
        if not -HUGE < low <= high < HUGE:  # a NaN is neither
            raise InputError(f"images must be finite numbers below {HUGE:g}, got {high if low > -HUGE else low:g}")
