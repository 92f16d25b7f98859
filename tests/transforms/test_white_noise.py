"""``lead_noise`` and ``random_noise``."""

import numpy as np
import pytest
from scipy import stats

from heartkit.transforms.white_noise import LeadNoise, RandomNoise


@pytest.mark.parametrize(("kind", "name"), [(LeadNoise, "scale"), (RandomNoise, "factor")])
def test_noise_is_gaussian_white_and_scaled_to_each_channel(kind, name, frames, rng):
    change = kind.create({name: 0.25}, 100.0)(frames, rng).astype(float) - frames
    noise = change / frames.astype(float).std(1, keepdims=True)
    np.testing.assert_allclose(noise.std(1), 0.25, rtol=0.25)
    assert noise.std() == pytest.approx(0.25, rel=0.03)
    assert stats.kstest(noise[..., 0].ravel() / 0.25, "norm").pvalue > 0.001
    neighbours = np.corrcoef(noise[:, :-1, 0].ravel(), noise[:, 1:, 0].ravel())[0, 1]
    leads = np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]
    assert max(abs(neighbours), abs(leads)) < 0.05


def test_the_level_is_drawn_per_frame(frames, rng):
    noise = RandomNoise.create({"factor": [0, 1]}, 100.0).draw(rng, 300, 256, 1)
    level = noise.std(axis=2).ravel()
    assert stats.kstest(level, "uniform").pvalue > 0.001
