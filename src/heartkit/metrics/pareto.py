"""Which of several compromises are worth a look: those that no other beats in one respect and matches in the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pareto_front(benefit: ArrayLike, cost: ArrayLike) -> NDArray[np.bool_]:
    """Say which points are Pareto-optimal.

    A point is dominated if another one has at least its benefit at no more than its cost, and is better in one of the
    two. Equal points do not dominate each other.

    Parameters
    ----------
    benefit : (n,) array_like
        More is better. Finite.
    cost : (n,) array_like
        Less is better. Finite.

    Returns
    -------
    (n,) array of bool
        True where no other point dominates.

    Raises
    ------
    ValueError
        If the lengths differ or a value is not finite.

    Examples
    --------
    >>> pareto_front([0.9, 0.8, 0.7], [300, 100, 200]).tolist()
    [True, True, False]
    """
    gain, price = np.asarray(benefit, np.float64), np.asarray(cost, np.float64)
    if gain.ndim != 1 or gain.shape != price.shape:
        raise ValueError(f"benefit and cost must be of one length, got shapes {gain.shape!r} and {price.shape!r}")
    if not (np.isfinite(gain).all() and np.isfinite(price).all()):
        raise ValueError("benefit and cost must be finite; leave out what has no score")
    # From the cheapest on, of equally cheap ones the best first: a point is on the front if it beats all before it.
    order = np.lexsort((-gain, price))
    front = np.zeros(len(gain), np.bool_)
    best, at = -np.inf, np.nan
    for index in order:
        if gain[index] > best:
            best, at = gain[index], price[index]
        front[index] = gain[index] == best and price[index] == at
    return front
