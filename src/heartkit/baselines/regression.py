"""Classes told from a few numbers: the simplest method that learns anything, to judge a network by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Classifier = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From features (n, k) to probabilities (n, classes)."""

MOST = 50_000
"""Training rows, taken evenly from all, that are enough for some twenty numbers per class."""


def softmax_regression(
    features: NDArray[np.float32], classes: NDArray[np.integer], num_classes: int
) -> Classifier | None:
    """Fit a softmax regression on features, their squares and products.

    Parameters
    ----------
    features : (n, k) array of float
        Of training patients, such as `heartkit.signal.timing.beat_timing` or `heartkit.baselines.irregularity` gives.
    classes : (n,) array of int
        The class of each.
    num_classes : int
        How many classes there are; one that does not occur is never named.

    Returns
    -------
    callable or None
        From features (m, k) to probabilities (m, num_classes); None where there are not two classes to tell apart.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    some = np.unique(np.linspace(0, len(classes) - 1, min(len(classes), MOST)).astype(np.intp))
    present = np.unique(classes[some])
    if len(present) < 2:
        return None
    model = make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), LogisticRegression(max_iter=500))
    model.fit(features[some], classes[some])

    def probabilities(unseen: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.zeros((len(unseen), num_classes), np.float32)
        if len(unseen):
            found[:, present] = model.predict_proba(unseen)
        return found

    return probabilities
