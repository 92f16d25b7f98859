"""The classical PPG delineator against the marks of generated pulses."""

import numpy as np
import pytest

from heartkit.baselines.pulses import delineate_pulses
from heartkit.metrics.matching import match_points
from heartkit.synthesis import ppg
from heartkit.synthesis.ppg_params import PpgParams

RATE = 100.0


@pytest.fixture(scope="module")
def records():
    params = PpgParams(presets=["SR"], sample_rate=RATE, duration=20, noise_multiplier=(0, 0.1))
    return ppg.generate(params, 1, range(8))


def test_finds_foot_peak_and_notch_of_regular_pulses(records):
    wanted = {"SYSTOLIC": (6, (0.05, 0.02, 0.07)), "DIASTOLIC": (7, (0.07, None, 0.05))}
    for record in records:
        found = delineate_pulses(record.signals[0], RATE)
        for name, (kind, tolerances) in wanted.items():
            marked = record.waves.of_kind(kind)
            for column, (part, tolerance) in enumerate(zip(("onset", "peak", "offset"), tolerances, strict=True)):
                if tolerance is not None:
                    reference = getattr(marked, part)
                    matched, _ = match_points(reference, found[name][:, column], tolerance)
                    assert len(matched) >= 0.85 * len(reference), (record.id, name, part)


def test_pulses_are_in_order_and_diastole_follows_systole(records):
    for record in records:
        found = delineate_pulses(record.signals[0], RATE)
        for spans in found.values():
            assert (np.diff(spans, axis=1) >= 0).all()
            assert (np.diff(spans[:, 0]) > 0).all()
        assert set(found["DIASTOLIC"][:, 0]) <= set(found["SYSTOLIC"][:, 2])


@pytest.mark.parametrize("signal", [np.zeros(1000), np.full(1000, np.nan), np.empty(0), np.ones(50), np.arange(500.0)])
def test_without_pulses_there_is_nothing(signal):
    found = delineate_pulses(signal, RATE)
    assert set(found) == {"SYSTOLIC", "DIASTOLIC"}
    assert all(spans.shape[1] == 3 and len(spans) <= 1 for spans in found.values())


def test_missing_samples_are_bridged(records):
    signal = records[0].signals[0].copy()
    whole = delineate_pulses(signal, RATE)["SYSTOLIC"]
    signal[500:505] = np.nan
    found = delineate_pulses(signal, RATE)["SYSTOLIC"]
    assert abs(len(found) - len(whole)) <= 1
