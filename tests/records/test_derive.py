"""Weak labels: what is said around the marks of beats, and what is not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.base import DatasetOptions
from heartkit.errors import ConfigError
from heartkit.records.derive import (
    DERIVATIONS,
    DOUBT,
    HALF_QRS,
    LONGEST_GAP,
    qrs_from_beats,
    require_blurred,
    rhythm_from_diagnoses,
)
from heartkit.records.record import Beats, Record
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from heartkit.records.wave_track import wave_track

RATE, SECONDS = 200.0, 12


def record(beats, leads=("MLII", "PPG")):
    kinds, times = zip(*beats, strict=True) if beats else ((), ())
    signals = np.zeros((len(leads), round(SECONDS * RATE)), np.float32)
    marks = Beats(np.array(times, float), np.array(kinds, np.int8))
    return Record("1", "1", RATE, leads, ("mV",) * len(leads), signals, beats=marks)


@given(st.lists(st.tuples(st.sampled_from(list(Beat)), st.floats(0, SECONDS)), max_size=25))
def test_every_sample_is_what_the_rule_says(beats):
    derived = qrs_from_beats(record(beats))
    track = wave_track(derived.waves, derived.annotated, 2, round(SECONDS * RATE), RATE)
    assert (track[1] == -1).all()  # a pulse has no QRS
    times = np.sort([time for _, time in beats])
    real = np.array([time for kind, time in beats if kind != Beat.NOISE])
    for sample, label in enumerate(track[0]):
        at = sample / RATE
        nearest = np.abs(times - at).min(initial=np.inf)
        in_qrs = np.abs(real - at).min(initial=np.inf)
        before, after = times[times <= at].max(initial=-np.inf), times[times > at].min(initial=np.inf)
        if abs(in_qrs - HALF_QRS) < 1e-5 or abs(nearest - DOUBT) < 1e-5 or abs(after - before - LONGEST_GAP) < 1e-9:
            continue  # rounding decides
        rest = nearest > DOUBT and after - before <= LONGEST_GAP
        assert label == (Wave.QRS if in_qrs < HALF_QRS else Wave.NONE if rest else -1)


@pytest.mark.parametrize(
    ("stated", "rhythms"),
    [
        ({"AFIB": 100.0, "LVH": 50.0}, [Rhythm.AFIB]),
        ({"Sinus rhythm": 100.0, "Ischemia: apical": 100.0}, [Rhythm.SR]),
        ({"AFIB": 100.0, "AFLT": 100.0}, []),
        ({"NORM": 100.0}, []),
        ({}, []),
    ],
)
def test_the_one_rhythm_that_diagnoses_state_lasts_as_long_as_the_recording(stated, rhythms):
    derived = rhythm_from_diagnoses(replace(record([]), diagnoses=stated)).rhythms
    assert derived.kind.tolist() == rhythms
    assert derived.start.tolist() == [0.0] * len(rhythms)
    assert derived.stop.tolist() == [SECONDS] * len(rhythms)


def test_rules_without_waves_blur_none_of_them():
    require_blurred(["rhythm-from-diagnoses"], {0: 0, 1: 1, 2: 2, 3: 3}, "folder")
    require_blurred(["rhythm-from-diagnoses"], {0: 0, 7: 1}, "folder", Rhythm)
    require_blurred(["rhythm-from-diagnoses"], {}, "folder", None)


def test_options_know_every_rule():
    assert DatasetOptions.read({"derive": list(DERIVATIONS)}, "the test").derive == list(DERIVATIONS)


def test_classes_may_not_tell_apart_what_weak_labels_do_not():
    rules = list(DERIVATIONS)
    require_blurred(rules, {0: 0, 1: 0, 2: 1, 3: 0}, "mitdb")
    require_blurred(rules, {0: 0, 1: -1, 2: 1}, "mitdb")
    require_blurred([], {0: 0, 1: 1, 2: 2, 3: 3}, "mitdb")
    with pytest.raises(ConfigError, match="'qrs-from-beats' of dataset 'mitdb' do not tell P, T, U from no wave"):
        require_blurred(rules, {0: 0, 1: 1, 2: 2, 3: 3}, "mitdb")
