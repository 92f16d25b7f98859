"""The mean template: what it learns, and where it puts it."""

import numpy as np

from heartkit.baselines.template import REACH, MeanTemplate

RATE = 100.0


def pulses(times, samples=600, width=0.03):
    time = np.arange(samples) / RATE
    return np.exp(-(((time[:, None] - times) / width) ** 2)).sum(axis=1).astype(np.float32)


def test_the_wave_is_the_mean_around_the_beats_and_is_put_at_those_of_others():
    rng = np.random.default_rng(3)
    beats = [np.arange(0.4 + 0.3 * rng.random(), 5.9, 0.9) for _ in range(20)]
    sources = np.stack([pulses(each) for each in beats])
    targets = np.stack([pulses(each - 0.2) for each in beats])
    template = MeanTemplate.fitted(sources, targets, RATE)
    assert len(template.wave) == 2 * round(REACH * RATE) + 1
    assert abs(np.argmax(template.wave) - (round(REACH * RATE) - 20)) <= 1
    others = np.arange(0.7, 5.5, 1.1)
    made = template.translate(pulses(others)[None])[0]
    expected = pulses(others - 0.2)
    assert np.corrcoef(made[60:-60], expected[60:-60])[0, 1] > 0.95


def test_no_beat_gives_a_flat_line():
    template = MeanTemplate(np.ones(151), RATE)
    assert not template.translate(np.zeros((2, 300), np.float32)).any()
    assert not MeanTemplate.fitted(np.zeros((2, 300), np.float32), np.ones((2, 300), np.float32), RATE).wave.any()
