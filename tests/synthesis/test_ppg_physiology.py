"""What physiology says of the records: transit time, pulse rate, breathing, ectopy; and what a detector finds."""

from pathlib import Path

import neurokit2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import periodogram

from heartkit.records.record import Record
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from heartkit.synthesis.draws import Draws
from heartkit.synthesis.ecg import draw_kinds
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams
from heartkit.synthesis.ppg_pulse import EARLIER, Pulses, draw_pulses
from heartkit.synthesis.rhythm import BeatTimes, beat_times


def process(preset: str, count: int = 40, transit: tuple[float, float] = (0.18, 0.32)) -> tuple[BeatTimes, Pulses]:
    params = PpgParams(presets=[preset], heart_rate=[50, 100])
    draws = Draws(9, range(count))
    kinds = draw_kinds(draws, params)
    times = beat_times(draws, kinds.rhythm, kinds.ectopy, params.heart_rate, 20.0, params.variability)
    return times, draw_pulses(draws, times, transit, (0.0, 0.1))


def feet(record: Record) -> NDArray[np.float64]:
    return record.waves.of_kind(Wave.SYSTOLIC).onset


def heights(record: Record) -> NDArray[np.float64]:
    waves, clock = record.waves.of_kind(Wave.SYSTOLIC), np.arange(record.signals.shape[1]) / record.sampling_rate
    signal = record.signals[record.leads.index("PPG")]
    return np.interp(waves.peak, clock, signal) - np.interp(waves.onset, clock, signal)


def test_feet_follow_the_r_peaks_by_the_drawn_transit_time() -> None:
    times, pulses = process("PVC")
    np.testing.assert_allclose(pulses.onset[:, EARLIER:], times.time + pulses.transit[:, EARLIER:], atol=1e-12)
    assert (np.diff(pulses.onset, axis=1) > 0).all()
    assert 0.14 < pulses.transit.min() < pulses.transit.max() < 0.45


def test_marked_feet_lie_at_the_asked_transit_time_after_the_marked_r_peaks() -> None:
    params = PpgParams(presets=["SR"], transit_time=0.25)
    for record in generate(params, 0, range(40), with_ecg=True):
        delay = feet(record)[:, None] - record.beats.time
        delay = np.where(delay > 0, delay, np.inf).min(axis=1)
        whole = feet(record) > record.beats.time[0] + 0.2
        assert np.abs(delay[whole] - 0.25).max() < 0.03
        assert np.median(delay[whole]) == pytest.approx(0.25, abs=0.008)


def test_the_signal_turns_at_the_marked_feet() -> None:
    params = PpgParams(
        presets=["SR"], sample_rate=1000, amplitude_modulation=0, baseline_modulation=0, noise_multiplier=0
    )
    off = []
    for record in generate(params, 1, range(40)):
        for foot in feet(record)[1:-1]:
            first = round(foot * 1000) - 60
            off.append((first + record.signals[0, first : first + 120].argmin()) / 1000 - foot)
    # The new pulse must outweigh the fall of the one before, which takes it a moment.
    assert 0 <= np.median(off) < 0.01
    assert -0.001 < min(off) <= max(off) < 0.025


def test_the_pulse_rate_is_the_heart_rate() -> None:
    for record in generate(PpgParams(heart_rate=[45, 150]), 2, range(60), with_ecg=True):
        foot, heart = record.waves.on_lead(1).of_kind(Wave.SYSTOLIC).onset, record.beats.time
        own = np.searchsorted(heart, foot - 0.14) - 1
        known = own >= 0
        # Each pulse has a beat of its own, and none is left out.
        assert (np.diff(own[known]) == 1).all()
        np.testing.assert_allclose(np.diff(foot[known]), np.diff(heart[own[known]]), atol=0.09)
    params = PpgParams(presets=["SR"], heart_rate=72, frequency_modulation=0, ibi_randomness=0)
    for record in generate(params, 2, range(10)):
        # The slow wave of blood pressure alone is left.
        assert 60 / np.diff(feet(record)).mean() == pytest.approx(72, rel=0.02)


def test_rhythm_is_named_by_rate_and_preset() -> None:
    for low, high, rhythm in ((40, 55, Rhythm.SBRAD), (65, 95, Rhythm.SR), (106, 150, Rhythm.STACH)):
        records = generate(PpgParams(presets=["SR"], heart_rate=[low, high]), 0, range(20))
        assert {int(r.rhythms.kind[0]) for r in records} == {rhythm}
    assert generate(PpgParams(presets=["AFIB"]), 0, [0])[0].rhythms.kind.tolist() == [Rhythm.AFIB]


def test_frequency_modulation_and_randomness_spread_the_intervals() -> None:
    def spread(**values: float) -> float:
        quiet = {"frequency_modulation": 0.0, "ibi_randomness": 0.0} | values
        records = generate(PpgParams(presets=["SR"], heart_rate=60, **quiet), 3, range(20))
        return float(np.median([np.diff(feet(record)).std() for record in records]))

    # At an interval of 1 s: a sine of 0.25 * 0.7 s, and a standard deviation of 0.3 * 0.7 s.
    assert spread(frequency_modulation=0.6) == pytest.approx(0.6 * 0.175 / np.sqrt(2), rel=0.25)
    assert spread(ibi_randomness=0.4) == pytest.approx(0.4 * 0.21, rel=0.25)
    assert spread() < 0.03


def test_breathing_shows_in_the_spectrum_of_the_pulse_heights() -> None:
    params = PpgParams(
        presets=["SR"],
        heart_rate=[75, 95],
        duration=60,
        amplitude_modulation=0.15,
        frequency_modulation=0,
        noise_multiplier=0,
    )
    draws = Draws(7, range(40))
    kinds = draw_kinds(draws, params)
    breath = beat_times(draws, kinds.rhythm, kinds.ectopy, params.heart_rate, 60.0, params.variability).breath_rate
    for record, rate in zip(generate(params, 7, range(40)), breath, strict=True):
        even = np.arange(1, 59, 0.25)
        height = np.interp(even, record.waves.of_kind(Wave.SYSTOLIC).peak, heights(record))
        frequency, power = periodogram(height - height.mean(), 4, "hann", nfft=1024)
        assert frequency[power.argmax()] == pytest.approx(rate, abs=0.03)


def test_breathing_moves_the_baseline_as_much_as_asked() -> None:
    params = PpgParams(presets=["SR"], duration=60, amplitude_modulation=0, baseline_modulation=0.3, noise_multiplier=0)
    still = params.replaced(baseline_modulation=0)
    for one, other in zip(generate(params, 4, range(10)), generate(still, 4, range(10)), strict=True):
        wander = one.signals[0] - other.signals[0]
        assert np.ptp(wander) / np.median(heights(other)) == pytest.approx(0.6, rel=0.35)


@pytest.mark.parametrize(("preset", "kind"), [("PVC", Beat.PVC), ("PAC", Beat.PAC)])
def test_premature_beats_give_small_late_pulses_and_strong_ones_follow(preset: str, kind: Beat) -> None:
    times, pulses = process(preset)
    strength, transit = pulses.strength[:, EARLIER:], pulses.transit[:, EARLIER:]
    early = times.kind == kind
    after = np.zeros_like(early)
    after[:, 1:] = early[:, :-1] & ~early[:, 1:]
    usual = ~early & ~after
    for row in np.flatnonzero(early.any(axis=1) & usual.any(axis=1)):
        assert np.median(strength[row, early[row]]) < 0.95 * np.median(strength[row, usual[row]])
        assert np.median(transit[row, early[row]]) > np.median(transit[row, usual[row]])
    assert np.median(strength[early]) < (0.55 if kind == Beat.PVC else 0.9) * np.median(strength[usual])
    assert np.median(strength[after]) > 1.02 * np.median(strength[usual])


@pytest.mark.parametrize(("preset", "share"), [("SR", 0.99), ("AFIB", 0.95)])
def test_an_independent_detector_finds_the_marked_pulses(preset: str, share: float) -> None:
    marked, hits, others = 0, 0, 0
    for record in generate(PpgParams(presets=[preset], heart_rate=[50, 120], noise_multiplier=[0, 0.1]), 6, range(30)):
        clean = neurokit2.ppg_clean(record.signals[0], sampling_rate=100)
        found = neurokit2.ppg_findpeaks(clean, sampling_rate=100)["PPG_Peaks"] / 100
        beats = record.beats.time[(record.beats.time > 1) & (record.beats.time < 19)]
        near = np.abs(found[:, None] - beats) < 0.06
        marked, hits = marked + len(beats), hits + int(near.any(axis=0).sum())
        others += int((~near.any(axis=1) & (found > 1.1) & (found < 18.9)).sum())
    assert hits > share * marked
    assert others < 0.03 * marked


def test_pulses_resemble_those_of_real_recordings(shared_data: Path) -> None:
    folder = shared_data / "bidmc" / "1.0.0" / "bidmc_csv"
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: {folder}")
    real = [_figures(_pleth(file), 125.0) for file in sorted(folder.glob("*_Signals.csv"))]
    params = PpgParams(presets=["SR"], heart_rate=[75, 100], sample_rate=125, duration=60)
    made = [_figures(record.signals[0], 125.0) for record in generate(params, 8, range(60))]
    low, high = np.percentile(made, [2, 98], axis=0)
    for name, value in zip(("rise", "width", "height"), np.median(real, axis=0), strict=True):
        at = ("rise", "width", "height").index(name)
        assert low[at] < value < high[at], name


def _pleth(file: Path) -> NDArray[np.float64]:
    names = [name.strip() for name in file.read_text().partition("\n")[0].split(",")]
    return np.loadtxt(file, delimiter=",", skiprows=1, usecols=names.index("PLETH"), max_rows=7500)


def _figures(signal: NDArray[np.floating], rate: float) -> tuple[float, float, float]:
    """Return seconds from foot to peak, width at half height in seconds, and height, each the median of pulses."""
    peaks = neurokit2.ppg_findpeaks(neurokit2.ppg_clean(signal, sampling_rate=rate), sampling_rate=rate)["PPG_Peaks"]
    found = []
    for peak in peaks[2:-2]:
        start = peak - round(0.35 * rate)
        foot = start + int(signal[start:peak].argmin())
        half = (signal[peak] + signal[foot]) / 2
        width = np.argmax(signal[peak:] < half) + np.argmax(signal[peak:foot:-1] < half)
        found.append(((peak - foot) / rate, width / rate, float(signal[peak] - signal[foot])))
    rise, width, height = np.median(found, axis=0)
    return float(rise), float(width), float(height)
