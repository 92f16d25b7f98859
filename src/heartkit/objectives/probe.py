"""Logistic regression on features of frames: what simple features know, and what an embedding has learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.arranging import Frames

Features = Callable[[Frames], NDArray[np.floating[Any]]]
"""``features(frames)``: (n, features) of preprocessed frames (n, frame_size, channels)."""

BANDS = 16
TOP = 40.0
"""Hz up to which band powers reach: what an ECG for diagnosis on a wearable keeps."""


def band_powers(frames: Frames, rate: float) -> NDArray[np.float64]:
    """Return the logarithm of the power in bands of equal width from 0 Hz to `TOP`, or to half of `rate` if less.

    Parameters
    ----------
    frames : (n, frame_size, channels) array
        Preprocessed.
    rate : float
        Hz.

    Returns
    -------
    (n, `BANDS` * channels) array
        Whatever the phase: where in a frame the beats are makes no difference.
    """
    window = np.hanning(frames.shape[1])[:, None]
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    frequency = np.fft.rfftfreq(frames.shape[1], 1 / rate)
    edges = np.linspace(0, min(TOP, rate / 2), BANDS + 1)
    place = np.clip(np.searchsorted(edges, frequency, side="right") - 1, 0, BANDS)  # what lies above is left out
    bands = np.stack([power[:, place == at].sum(axis=1) for at in range(BANDS)], axis=1)
    return np.log(bands.reshape(len(frames), -1) + 1e-6)


@dataclass(frozen=True)
class Probe:
    """A logistic regression for each of several tags, each weighing having a tag as much as not having it.

    Parameters
    ----------
    mean, scale : (features,) arrays
        What features are standardised by.
    models : list
        A regression of scikit-learn for each tag.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    models: list[Any]

    @classmethod
    def fit(cls, features: NDArray[np.floating[Any]], truth: NDArray[np.int8]) -> Probe:
        """Fit it to features (n, features) and tags (n, tags) of 0 and 1, both of which each tag must have.

        Nothing is tuned: scikit-learn's own strength of regularisation.
        """
        from sklearn.linear_model import LogisticRegression

        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 0, scale, 1)
        units = (features - mean) / scale
        models = [LogisticRegression(class_weight="balanced", max_iter=2000).fit(units, tag) for tag in truth.T]
        return cls(mean, scale, models)

    def shares(self, features: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return how probable each tag is, (n, tags)."""
        units = (features - self.mean) / self.scale
        return np.stack([model.predict_proba(units)[:, 1] for model in self.models], axis=1).astype(np.float32)
