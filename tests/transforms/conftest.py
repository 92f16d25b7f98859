"""Frames to transform: heart-like ones, with channels of very different size."""

import numpy as np
import pytest

RATE = 100.0


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def frames():
    rng = np.random.default_rng(1)
    time = np.arange(256) / RATE
    beat = np.exp(-(((time[None, :, None] * 1.2 + rng.random((24, 1, 1))) % 1 - 0.5) ** 2) / 0.002)
    return (beat * np.array([1.0, 300.0]) + np.array([0.5, -20.0])).astype(np.float32)


@pytest.fixture(autouse=True)
def no_noise_folder(monkeypatch):
    """Keep the machine's own NSTDB, if it has one, out of the tests."""
    monkeypatch.delenv("HEARTKIT_DATASETS", raising=False)
