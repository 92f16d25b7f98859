"""Whole recordings through a model: overlapping windows in, one answer per sample out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from heartkit.errors import DataError

OVERLAP = 0.5
"""Share of a window that the next one covers again, where nothing else is asked for."""
Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def window_starts(samples: int, frame_size: int, hop: int) -> NDArray[np.int64]:
    """Return where windows start so that they cover a recording; the last one ends with it.

    Raises
    ------
    DataError
        If the recording is shorter than a window.
    """
    require_length(samples, frame_size)
    return np.unique(np.append(np.arange(0, samples - frame_size + 1, hop), samples - frame_size))


def require_length(samples: int, frame_size: int) -> None:
    """Raise `DataError` if a recording is shorter than a frame."""
    if samples < frame_size:
        raise DataError(
            f"The recording has {samples} samples, but the model takes frames of {frame_size}. "
            f"Choose a longer recording or a model with shorter frames."
        )


def hop_of(frame_size: int, overlap: float) -> int:
    """Return the samples from one window's start to the next one's.

    Parameters
    ----------
    frame_size : int
        Samples of a window.
    overlap : float
        Share of a window that the next one covers again, in [0, 1).
    """
    return max(1, round(frame_size * (1 - overlap)))


def predict_recording(
    signal: NDArray[np.float32], frame_size: int, preprocess: Predict, predict: Predict, overlap: float = OVERLAP
) -> NDArray[np.float32]:
    """Run a model that answers per sample over a whole recording.

    Where windows overlap, their answers are averaged, weighted down towards a window's edges, where the model sees
    context on one side only.

    Parameters
    ----------
    signal : (samples, channels) array of float32
        One recording.
    frame_size : int
        Samples the model takes.
    preprocess, predict : callable
        ``(n, frame_size, channels) -> (n, frame_size, channels)`` and ``-> (n, frame_size, outputs)``.
    overlap : float
        Share of a window that the next one covers again, in [0, 1).

    Returns
    -------
    (samples, outputs) array of float32

    Raises
    ------
    DataError
        If the recording is too short, or holds NaN or infinity.
    """
    broken = np.flatnonzero(~np.isfinite(signal).all(axis=1))
    if broken.size:
        raise DataError(
            f"The signal is NaN or infinite at {broken.size} samples, first at sample {broken[0]}. "
            f"Cut those out or fill them before running a model."
        )
    starts = window_starts(len(signal), frame_size, hop_of(frame_size, overlap))
    frames = sliding_window_view(signal, frame_size, axis=0).transpose(0, 2, 1)[starts]
    outputs = predict(preprocess(np.ascontiguousarray(frames, np.float32)))
    centre = np.minimum(np.arange(1, frame_size + 1), np.arange(frame_size, 0, -1)).astype(np.float32)
    total = np.zeros((len(signal), outputs.shape[-1]), np.float32)
    weight = np.zeros((len(signal), 1), np.float32)
    for start, output in zip(starts, outputs, strict=True):
        total[start : start + frame_size] += output * centre[:, None]
        weight[start : start + frame_size] += centre[:, None]
    return total / weight
