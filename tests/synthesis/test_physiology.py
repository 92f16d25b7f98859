"""What cardiology says of the records: intervals, axes, rhythms, ectopy."""

import neurokit2
import numpy as np
import pytest
from numpy.typing import NDArray

from heartkit.records.record import Record
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams

LEAD_II, V1, V5 = 1, 6, 10


def clean(preset: str, count: int = 60, low: float = 50, high: float = 100, rate: float = 500) -> list[Record]:
    params = EcgParams(presets=[preset], heart_rate=[low, high], sample_rate=rate, noise_multiplier=0)
    return generate(params, 11, range(count))


def intervals(record: Record, lead: int = LEAD_II) -> dict[str, NDArray[np.float64]]:
    """PR, QRS, QT and RR of a record's whole normal beats, in seconds."""
    waves = record.waves.on_lead(lead)
    p, qrs, t = (waves.of_kind(kind) for kind in (Wave.P, Wave.QRS, Wave.T))
    next_qrs = np.searchsorted(qrs.onset, p.onset)
    known = next_qrs < len(qrs)
    before_t = np.searchsorted(qrs.onset, t.onset) - 1
    return {
        "PR": qrs.onset[next_qrs[known]] - p.onset[known],
        "QRS": qrs.offset - qrs.onset,
        "QT": (t.offset - qrs.onset[before_t])[before_t >= 0],
        "RR": np.diff(record.beats.time),
    }


def test_intervals_of_sinus_rhythm_are_those_of_healthy_hearts() -> None:
    # Limits: Surawicz et al., AHA/ACCF/HRS recommendations, Circulation 119, 2009; PR and QRS ranges widened by what
    # 10 % of a real population lies outside of them.
    found = [intervals(record) for record in clean("SR")]
    pr, qrs = (np.array([np.median(one[name]) for one in found]) for name in ("PR", "QRS"))
    assert (np.percentile(pr, [2, 98]) > 0.10).all()
    assert (np.percentile(pr, [2, 98]) < 0.23).all()
    assert 0.14 < np.median(pr) < 0.18
    assert (np.percentile(qrs, [2, 98]) > 0.06).all()
    assert (np.percentile(qrs, [2, 98]) < 0.125).all()
    assert 0.08 < np.median(qrs) < 0.105


@pytest.mark.parametrize(("low", "high"), [(42, 55), (55, 75), (75, 100), (100, 140)])
def test_qt_follows_the_rate(low: float, high: float) -> None:
    corrected = [
        np.median(one["QT"]) / np.cbrt(np.median(one["RR"])) for one in map(intervals, clean("SR", low=low, high=high))
    ]
    assert 0.38 < np.median(corrected) < 0.43
    assert min(corrected) > 0.32
    assert max(corrected) < 0.50


def test_intervals_resemble_those_that_cardiologists_marked() -> None:
    # Medians over the sinus rhythms of LUDB (160 records, all leads): P 96 ms, PR 154, QRS 94, T 178, J to T 106.
    waves = [record.waves for record in clean("SR")]
    length = {kind: np.concatenate([(w.offset - w.onset)[w.kind == kind] for w in waves]) for kind in (1, 2, 3)}
    for kind, marked in ((Wave.P, 0.096), (Wave.QRS, 0.094), (Wave.T, 0.178)):
        assert np.median(length[kind]) == pytest.approx(marked, rel=0.12)


def test_the_qrs_mark_is_at_the_r_wave() -> None:
    for record in clean("SR", 30):
        for lead in (LEAD_II, V5):
            waves = record.waves.on_lead(lead).of_kind(Wave.QRS)
            for onset, peak, offset in zip(waves.onset, waves.peak, waves.offset, strict=True):
                at = slice(round(onset * 500), round(offset * 500) + 1)
                signal = record.signals[lead, at]
                if signal.max() > 0.4 * -signal.min():
                    assert peak == pytest.approx((at.start + signal.argmax()) / 500, abs=0.008)


def test_an_independent_detector_finds_the_marked_beats() -> None:
    marked, hits, others = 0, 0, 0
    for record in clean("SR", 30, rate=250):
        signal = neurokit2.ecg_clean(record.signals[V5], sampling_rate=250)
        _, found = neurokit2.ecg_peaks(signal, sampling_rate=250)
        times = np.asarray(found["ECG_R_Peaks"]) / 250
        beats = record.beats.time[(record.beats.time > 0.5) & (record.beats.time < 9.5)]
        near = np.abs(times[:, None] - beats) < 0.05
        marked, hits = marked + len(beats), hits + int(near.any(axis=0).sum())
        others += int((~near.any(axis=1) & (times > 0.6) & (times < 9.4)).sum())
    assert hits > 0.99 * marked
    # On noiseless signals it takes some tall T waves for beats.
    assert others < 0.06 * marked


def test_rhythm_is_named_by_rate() -> None:
    for low, high, rhythm in ((40, 55, Rhythm.SBRAD), (65, 95, Rhythm.SR), (106, 150, Rhythm.STACH)):
        assert {int(r.rhythms.kind[0]) for r in clean("SR", 20, low, high, 100)} == {rhythm}


def test_heart_rate_stays_in_its_range() -> None:
    rates = np.array([60 / np.diff(record.beats.time).mean() for record in clean("SR", 100, 60, 80, 100)])
    assert rates.min() > 57
    assert rates.max() < 84
    assert np.ptp(rates) > 12


def test_fibrillation_is_irregular_without_p_waves_but_with_fibrillatory_ones() -> None:
    sinus, fibrillating = clean("SR", 40, 60, 90), clean("AFIB", 40, 60, 90)
    spread = [np.std(np.diff(r.beats.time)) / np.mean(np.diff(r.beats.time)) for r in fibrillating]
    usual = [np.std(np.diff(r.beats.time)) / np.mean(np.diff(r.beats.time)) for r in sinus]
    assert np.median(spread) > 0.12
    assert np.median(usual) < 0.05
    for record in fibrillating:
        assert record.rhythms.kind.tolist() == [Rhythm.AFIB]
        assert len(record.waves.of_kind(Wave.P)) == 0
        assert len(record.waves.of_kind(Wave.T)) > 0
    strength = [np.median(np.abs(np.diff(r.signals[V1]))) for r in fibrillating]
    assert np.median(strength) > 3 * np.median([np.median(np.abs(np.diff(r.signals[V1]))) for r in sinus])


def test_flutter_conducts_whole_flutter_waves() -> None:
    for record in clean("AFLUT", 30, 60, 100):
        assert record.rhythms.kind.tolist() == [Rhythm.AFLUT]
        assert len(record.waves.of_kind(Wave.P)) == 0
        gaps = np.diff(record.beats.time)
        rates = np.linspace(240, 340, 2001) / 60
        # Some flutter rate makes every interval a whole number of flutter waves.
        off = np.abs(gaps[:, None] * rates - np.round(gaps[:, None] * rates)).max(axis=0)
        assert off.min() < 0.02


def test_ventricular_premature_beats_are_early_wide_without_p_and_followed_by_a_full_pause() -> None:
    premature = 0
    for record in clean("PVC", 60, 55, 80):
        time, kind, p = record.beats.time, record.beats.kind, record.waves.of_kind(Wave.P)
        width = _widths(record)
        for beat in range(3, len(time) - 1):
            if kind[beat - 3 : beat + 1].tolist() != [Beat.NORMAL] * 3 + [Beat.PVC]:
                continue
            premature += 1
            assert width[beat] > max(0.12, 1.2 * width[beat - 1])
            assert not ((p.onset > time[beat] - 0.25) & (p.onset < time[beat])).any()
            usual = time[beat - 1] - time[beat - 2]
            assert time[beat] - time[beat - 1] < 0.92 * usual
            assert time[beat + 1] - time[beat - 1] == pytest.approx(2 * usual, rel=0.25)
    assert premature > 25


def test_atrial_premature_beats_are_early_and_narrow() -> None:
    early = []
    for record in clean("PAC", 60, 55, 80):
        width = _widths(record)
        for beat in np.flatnonzero(record.beats.kind == Beat.PAC):
            if 2 <= beat < len(record.beats) - 1:
                early.append(record.beats.time[beat] - record.beats.time[beat - 1])
                assert width[beat] == pytest.approx(width[beat - 1], rel=0.01)
    assert len(early) > 50
    assert np.median(early) < 0.75 * 60 / 67


def test_axes_of_the_blocks() -> None:
    def axis(record: Record) -> float:
        """The frontal axis in degrees, from the net area of QRS in I and aVF."""
        start, stop = record.beats.time[2] - 0.06, record.beats.time[2] + 0.08
        one, avf = record.signals[[0, 5], round(start * 500) : round(stop * 500)].sum(axis=1)
        return float(np.degrees(np.arctan2(2 / np.sqrt(3) * avf, one)))

    assert np.median([axis(r) for r in clean("LAHB", 30)]) < -35
    assert np.median([axis(r) for r in clean("LPHB", 30)]) > 90
    assert -30 < np.median([axis(r) for r in clean("SR", 30)]) < 90


def test_left_bundle_branch_block_is_wide_with_t_against_qrs() -> None:
    records = clean("LBBB", 40)
    assert np.median([np.median(intervals(r)["QRS"]) for r in records]) > 0.12
    against = [np.sign(_net_qrs(r, V5)) != np.sign(_t_height(r, V5)) for r in records]
    assert np.mean(against) > 0.8


@pytest.mark.parametrize("preset", ["ant_STEMI", "high_take_off"])
def test_st_is_raised_where_it_should_be(preset: str) -> None:
    def level(record: Record) -> float:
        qrs = record.waves.on_lead(8).of_kind(Wave.QRS)
        at = np.round((qrs.offset[1:-1] + 0.02) * 500).astype(int)
        return float(np.median(record.signals[8, at]))

    raised, usual = ([level(r) for r in clean(name, 40)] for name in (preset, "SR"))
    assert np.median(raised) > 0.1
    assert np.median(raised) > 3 * abs(np.median(usual))


def _widths(record: Record) -> NDArray[np.float64]:
    """Return the width of each beat's QRS complex over all leads, in seconds; 0 where it is not marked."""
    qrs, beats = record.waves.of_kind(Wave.QRS), record.beats.time[:, None]
    own = (qrs.onset <= beats) & (beats <= qrs.offset)
    first = np.where(own, qrs.onset, np.inf).min(axis=1)
    last = np.where(own, qrs.offset, -np.inf).max(axis=1)
    return np.where(own.any(axis=1), last - first, 0)


def _net_qrs(record: Record, lead: int) -> float:
    waves = record.waves.on_lead(lead).of_kind(Wave.QRS)
    return float(record.signals[lead, round(waves.onset[1] * 500) : round(waves.offset[1] * 500)].sum())


def _t_height(record: Record, lead: int) -> float:
    waves = record.waves.on_lead(lead).of_kind(Wave.T)
    return float(record.signals[lead, round(waves.peak[1] * 500)])
