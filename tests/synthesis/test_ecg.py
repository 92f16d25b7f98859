"""Records of the generator: bytes, shapes and annotations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.records.record import Record
from heartkit.records.vocabulary import Wave
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.leads import LEADS
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.presets import PRESETS


def same(a: Record, b: Record) -> bool:
    pairs = [(a.signals, b.signals), (a.beats.time, b.beats.time), (a.beats.kind, b.beats.kind)]
    pairs += [(getattr(a.waves, column), getattr(b.waves, column)) for column in ("kind", "onset", "peak", "offset")]
    pairs += [(a.annotated.start, b.annotated.start), (a.rhythms.kind, b.rhythms.kind)]
    return a.diagnoses == b.diagnoses and all(np.array_equal(x, y) for x, y in pairs)


def test_a_record_depends_on_seed_and_number_alone() -> None:
    params = EcgParams()
    together = generate(params, 5, range(40))
    alone = [generate(params, 5, [number])[0] for number in range(0, 40, 7)]
    assert all(same(record, together[int(record.id)]) for record in alone)
    shuffled = generate(params, 5, [33, 2, 17])
    assert all(same(record, together[int(record.id)]) for record in shuffled)
    assert not same(generate(params, 6, [2])[0], together[2])
    assert generate(params, 5, []) == []


@settings(max_examples=40, deadline=None)
@given(
    presets=st.lists(st.sampled_from(sorted(PRESETS)), min_size=1, max_size=4),
    duration=st.floats(2, 20),
    sample_rate=st.sampled_from([50.0, 99.5, 100.0, 250.0, 500.0]),
    heart_rate=st.tuples(st.floats(25, 220), st.floats(25, 220)).map(sorted),
    noise=st.floats(0, 2),
    seed=st.integers(0, 2**63),
)
def test_any_parameters_give_sound_records(
    presets: list[str], duration: float, sample_rate: float, heart_rate: list[float], noise: float, seed: int
) -> None:
    params = EcgParams(
        presets=presets, duration=duration, sample_rate=sample_rate, heart_rate=heart_rate, noise_multiplier=noise
    )
    for record in generate(params, seed, [0, 1]):
        assert record.leads == LEADS
        assert record.signals.shape == (12, round(duration * sample_rate))
        assert record.signals.dtype == np.float32
        assert np.isfinite(record.signals).all()
        np.testing.assert_array_equal(record.signals[0] + record.signals[2], record.signals[1])
        assert (np.diff(record.beats.time) > 0.2).all()
        assert (record.annotated.start <= record.annotated.stop).all()
        for lead in range(12):
            waves = record.waves.on_lead(lead)
            assert (waves.onset[1:] >= waves.offset[:-1] - 1e-9).all()
            assert (waves.onset >= record.annotated.start[lead]).all()
            assert (waves.offset <= record.annotated.stop[lead]).all()


def test_every_beat_within_the_annotated_part_has_its_qrs() -> None:
    for record in generate(EcgParams(heart_rate=[40, 170]), 1, range(60)):
        for lead in range(12):
            qrs = record.waves.on_lead(lead).of_kind(Wave.QRS)
            start, stop = record.annotated.start[lead], record.annotated.stop[lead]
            inside = record.beats.time[(record.beats.time > start + 0.15) & (record.beats.time < stop - 0.15)]
            hits = (qrs.onset[:, None] <= inside) & (inside <= qrs.offset[:, None])
            assert (hits.sum(axis=0) == 1).all()


def test_annotation_covers_nearly_all_of_a_record() -> None:
    for record in generate(EcgParams(), 2, range(40)):
        assert (record.annotated.start < 0.6).all()
        assert (record.annotated.stop > record.duration - 0.6).all()


def test_without_noise_only_the_heart_is_left() -> None:
    params = EcgParams(presets=["SR"], heart_rate=[50, 70], noise_multiplier=0)
    for record in generate(params, 3, range(10)):
        clean = np.ones(record.signals.shape, bool)
        times = np.arange(record.signals.shape[1]) / record.sampling_rate
        for onset, offset in zip(record.waves.onset, record.waves.offset, strict=True):
            clean[:, (times > onset - 0.3) & (times < offset + 0.05)] = False
        clean &= (times > record.annotated.start.max() + 0.1) & (times < record.annotated.stop.min() - 0.3)
        # Between T and P the clean signal is flat.
        assert np.abs(record.signals[clean]).max(initial=0) < 0.02


@pytest.mark.parametrize(("name", "factor"), [("voltage_factor", 2.0), ("impedance", 0.5)])
def test_amplitude_factors_scale_the_signal(name: str, factor: float) -> None:
    usual: dict[str, float] = {"voltage_factor": 1000.0, "impedance": 1.0, "noise_multiplier": 0.0}
    one = generate(EcgParams(**usual), 4, range(5))
    two = generate(EcgParams(**(usual | {name: usual[name] * 2})), 4, range(5))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(b.signals, a.signals * factor, atol=2e-3)


def test_wave_multipliers_scale_their_waves_alone() -> None:
    usual = EcgParams(presets=["SR"], heart_rate=60, noise_multiplier=0, p_multiplier=1, t_multiplier=1)
    flat = usual.replaced(p_multiplier=0, t_multiplier=0)
    for a, b in zip(generate(usual, 0, range(5)), generate(flat, 0, range(5)), strict=True):
        peak = (a.beats.time * 100).round().astype(int)
        np.testing.assert_allclose(a.signals[:, peak], b.signals[:, peak], atol=0.01)
        t_wave = (a.waves.of_kind(Wave.T).peak * 100).round().astype(int)
        lead = a.waves.of_kind(Wave.T).lead
        assert np.abs(a.signals[lead, t_wave]).mean() > 2 * np.abs(b.signals[lead, t_wave]).mean()
