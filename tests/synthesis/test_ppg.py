"""Records of the PPG generator: bytes, shapes and annotations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.records.record import Record
from heartkit.records.vocabulary import Wave
from heartkit.records.wave_track import wave_track
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams
from heartkit.synthesis.presets import PRESETS


def same(a: Record, b: Record) -> bool:
    pairs = [(a.signals, b.signals), (a.beats.time, b.beats.time), (a.beats.kind, b.beats.kind)]
    pairs += [(getattr(a.waves, column), getattr(b.waves, column)) for column in ("kind", "onset", "peak", "offset")]
    pairs += [(a.annotated.start, b.annotated.start), (a.rhythms.kind, b.rhythms.kind)]
    return a.diagnoses == b.diagnoses and all(np.array_equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("with_ecg", [False, True])
def test_a_record_depends_on_seed_and_number_alone(with_ecg: bool) -> None:
    params = PpgParams()
    together = generate(params, 5, range(40), with_ecg)
    for number in range(0, 40, 9):
        assert same(generate(params, 5, [number], with_ecg)[0], together[number])
    assert all(same(record, together[int(record.id)]) for record in generate(params, 5, [33, 2, 17], with_ecg))
    assert not same(generate(params, 6, [2], with_ecg)[0], together[2])
    assert generate(params, 5, [], with_ecg) == []


def test_the_pulse_is_the_same_with_and_without_an_ecg() -> None:
    params = PpgParams()
    for alone, both in zip(generate(params, 1, range(8)), generate(params, 1, range(8), True), strict=True):
        assert (alone.leads, both.leads, both.units) == (("PPG",), ("II", "PPG"), ("mV", "NU"))
        np.testing.assert_array_equal(alone.signals[0], both.signals[1])
        np.testing.assert_array_equal(alone.waves.onset, both.waves.on_lead(1).onset)
        assert set(both.waves.on_lead(0).kind) <= {Wave.P, Wave.QRS, Wave.T}
        assert set(both.waves.on_lead(1).kind) == {Wave.SYSTOLIC, Wave.DIASTOLIC}
        assert alone.rhythms.kind == both.rhythms.kind


@settings(max_examples=40)
@given(
    presets=st.lists(st.sampled_from(sorted(PRESETS)), min_size=1, max_size=4),
    duration=st.floats(2, 20),
    sample_rate=st.sampled_from([50.0, 64.0, 99.5, 125.0, 500.0]),
    heart_rate=st.tuples(st.floats(25, 220), st.floats(25, 220)).map(sorted),
    swings=st.tuples(*[st.floats(0, 1)] * 4),
    transit_time=st.floats(0.05, 0.8),
    noise=st.floats(0, 2),
    seed=st.integers(0, 2**63),
)
def test_any_parameters_give_sound_records(
    presets: list[str],
    duration: float,
    sample_rate: float,
    heart_rate: list[float],
    swings: tuple[float, ...],
    transit_time: float,
    noise: float,
    seed: int,
) -> None:
    params = PpgParams(
        presets=presets, duration=duration, sample_rate=sample_rate, heart_rate=heart_rate, noise_multiplier=noise,
        frequency_modulation=swings[0], ibi_randomness=swings[1], amplitude_modulation=swings[2],
        baseline_modulation=swings[3], transit_time=transit_time,
    )  # fmt: skip
    for record in generate(params, seed, [0, 1]):
        assert record.signals.shape == (1, round(duration * sample_rate))
        assert record.signals.dtype == np.float32
        assert np.isfinite(record.signals).all()
        waves = record.waves
        assert (waves.onset <= waves.peak).all()
        assert (waves.peak <= waves.offset).all()
        # Systole and diastole follow each other without a gap over the whole annotated part.
        assert (np.abs(np.diff(waves.kind)) == Wave.DIASTOLIC - Wave.SYSTOLIC).all()
        np.testing.assert_array_equal(waves.onset[1:], waves.offset[:-1])
        assert (np.diff(waves.onset) > 0).all()
        if len(waves):
            assert record.annotated.start[0] == waves.onset[0]
            assert record.annotated.stop[0] == waves.offset[-1]


def test_every_annotated_sample_is_systole_or_diastole() -> None:
    for record in generate(PpgParams(), 3, range(20)):
        track = wave_track(record.waves, record.annotated, 1, record.signals.shape[1], record.sampling_rate)
        assert set(np.unique(track)) <= {-1, Wave.SYSTOLIC, Wave.DIASTOLIC}
        assert (track >= 0).mean() > 0.85


def test_marks_do_not_depend_on_the_sampling_rate() -> None:
    coarse, fine = (generate(PpgParams(sample_rate=rate, noise_multiplier=0), 4, range(30)) for rate in (100.0, 1000.0))
    for one, other in zip(coarse, fine, strict=True):
        np.testing.assert_array_equal(one.waves.onset, other.waves.onset)
        np.testing.assert_allclose(one.waves.peak, other.waves.peak, atol=0.004)
        np.testing.assert_allclose(one.signals, other.signals[:, ::10], atol=3e-3)


def test_the_kind_of_each_beat_is_that_of_the_ecg() -> None:
    params = PpgParams(presets=["PVC"], transit_time=0.2)
    for pulse, both in zip(generate(params, 0, range(10)), generate(params, 0, range(10), True), strict=True):
        # The systolic peak follows its R peak by transit time and rise.
        delay = pulse.beats.time[:, None] - both.beats.time
        follows = (delay > 0.2) & (delay < 0.7)
        for at in range(1, len(pulse.beats) - 1):
            candidates = np.flatnonzero(follows[at])
            assert pulse.beats.kind[at] in both.beats.kind[candidates]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"transit_time": 2}, r"transit_time must be a number or \[low, high\] with 0.05"),
        ({"frequency_modulation": [0.5, 0.2]}, "frequency_modulation"),
        ({"ibi_randomnes": 0.1}, "Did you mean 'ibi_randomness'"),
        ({"sample_rate": 10}, "sample_rate"),
    ],
)
def test_unusable_values_are_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        PpgParams.read(values)
