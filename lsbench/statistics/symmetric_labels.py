"""What a difference against given labels would be against the true ones, if the wrong labels were symmetric.

A label is wrong with probability r, whatever its class and its example, and is then any other of the K classes alike;
given the true class, it does not depend on what the networks answer. For every per-example number m(p, y),
E m(p, given) = c m(p, y) + (1 - c) f(p), with c = 1 - rK/(K-1) and f(p) = the mean over the K classes k of m(p, k),
which no label enters. With u = 1/c:

    true = u given - (u - 1) f,    u = 1 at r = 0, and grows with r

f is 1/K for accuracy, so that f falls out of a difference; 1/K - confidence for accuracy - confidence; |p|² + 1 - 2/K
for the Brier score; the mean of -log p_k for NLL; 1 - 1/K for AURC, as its order of examples has no label in it.
For an ECE nothing of the kind holds: it is a sum of absolute values.
"""

from lsbench.errors import InputError, require_number, require_whole


def undiluted(given: float, rate: float, num_classes: int, label_free: float = 0.0) -> float:
    """The number (or the difference of two) against the true labels: u given - (u - 1) label_free.

    Args:
        given: The number against the given labels.
        rate: The share of wrong labels, in [0, (K-1)/K).
        num_classes: K, at least 2.
        label_free: f of the module, or the difference of two; 0 for a difference of accuracies.

    Returns:
        The number that is expected against the true labels.

    Raises:
        InputError: A rate at which the labels say nothing, or fewer than 2 classes.

    Example:
        >>> round(undiluted(0.056, 0.2, 10), 3)
        0.072
    """
    require_number("given", given)
    require_number("label_free", label_free)
    u = _growth(rate, num_classes)
    return u * given - (u - 1) * label_free


def order_holds_up_to(given: float, num_classes: int, most: float, label_free: float = 0.0) -> float:
    """The rate, at most `most`, below which the true difference has the sign of the given one.

    u given - (u - 1) label_free is 0 at u = label_free / (label_free - given).

    Args:
        given: The difference against the given labels.
        num_classes: K, at least 2.
        most: The largest rate that is looked at, in [0, (K-1)/K).
        label_free: The difference of the two f of the module; 0 for accuracies.

    Returns:
        The rate; `most` where the sign stays.

    Raises:
        InputError: As `undiluted` at the rate `most`.

    Example:
        >>> order_holds_up_to(0.056, 10, 0.2)  # of accuracies the order holds at every rate
        0.2
    """
    require_number("given", given)
    require_number("label_free", label_free)
    last = _growth(most, num_classes)
    if given == 0 or given * undiluted(given, most, num_classes, label_free) > 0:
        return most
    u = min(label_free / (label_free - given), last)
    return (1 - 1 / u) * (num_classes - 1) / num_classes


def _growth(rate: float, num_classes: int) -> float:
    """1 / (1 - rK/(K-1))."""
    require_whole("num_classes", num_classes, 2, 10**9)
    require_number("rate", rate, 0)
    kept = 1 - rate * num_classes / (num_classes - 1)
    if kept <= 1e-12:
        raise InputError(f"rate must lie below (K-1)/K = {1 - 1 / num_classes:.4g}, got {rate:g}")
    return 1 / kept
