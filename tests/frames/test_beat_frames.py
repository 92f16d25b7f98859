"""Frames around beats with the timing of the beat beside the signal, in training as in whole recordings."""

import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.frames.arranging import Steps
from heartkit.frames.beat_frames import BeatAnswer, BeatFrames, delay
from heartkit.objectives.classify import FrameAnswer
from heartkit.records.record import Beats, Record
from heartkit.records.vocabulary import Beat
from heartkit.signal.timing import beat_timing
from heartkit.transforms.pipeline import Pipeline
from heartkit.transforms.znorm import ZNorm
from made_records import stored

RATE, SIZE = 100.0, 150


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two recordings of two leads; the second's beats are not in order, and one mark is an artefact."""
    rng = np.random.default_rng(2)
    records = []
    for name in ("1", "2"):
        times = np.cumsum(rng.uniform(0.4, 1.4, 60))
        kinds = rng.choice([Beat.NORMAL, Beat.PAC, Beat.PVC], 60).astype(np.int8)
        kinds[7] = Beat.NOISE
        order = rng.permutation(60) if name == "2" else np.arange(60)
        signals = rng.normal(0, 1, (2, int(times[-1] * RATE) + 120)).astype(np.float32)
        beats = Beats(times[order], kinds[order])
        records.append(Record(name, f"p{name}", RATE, ("I", "II"), ("mV", "mV"), signals, beats=beats))
    return stored(records, tmp_path_factory.mktemp("cache"))


def drawn(store, framing, per_patient=80):
    strips = framing.strips(store, range(2), ["II"], SIZE)
    index = framing.draw(lambda labels: np.zeros_like(labels), strips, per_patient, SIZE, np.random.default_rng(0))
    return strips, index


def test_channels_beside_the_signal_are_the_timing_of_the_beat(store):
    framing = BeatFrames(rr=True)
    strips, index = drawn(store, framing)
    frames = framing.cut(strips, index, SIZE)
    assert frames.shape == (160, SIZE, framing.channels) == (160, SIZE, 4)
    assert frames.dtype == np.float32
    np.testing.assert_array_equal(frames[..., :1], BeatFrames().cut(strips, index, SIZE))
    assert (frames[:, :, 1:] == frames[:, :1, 1:]).all()
    for frame, strip in zip(frames, index.strip, strict=True):
        beats = store.record(int(strips.record[strip])).beats
        middle = (strips.begin[strip] + SIZE // 2) / RATE
        nearest = beats.time[np.abs(beats.time - middle).argmin()]
        real = np.sort(beats.time[beats.kind != Beat.NOISE])
        expected = beat_timing(real, np.array([nearest]), SIZE / 2 / RATE)[0]
        np.testing.assert_allclose(frame[0, 1:], expected, atol=1e-6)


def test_a_model_is_given_the_same_in_whole_recordings_as_in_training(store):
    framing = BeatFrames(rr=True)
    steps = Steps(lambda frames, rng: frames, Pipeline([ZNorm.create({"eps": 0.01}, RATE, None, "znorm")]))
    strips = framing.strips(store, [1], ["II"], SIZE)
    index = framing.draw(lambda labels: np.zeros_like(labels), strips, 200, SIZE, np.random.default_rng(0))
    trained, _ = framing.arrangement(framing.cut(strips, index, SIZE), np.zeros(200), None, steps, True)
    given = []

    def predict(frames):
        given.append(frames)
        return np.zeros((len(frames), 2), np.float32)

    answer = framing.answering(FrameAnswer(steps.preprocess, predict, SIZE, RATE))
    record = store.record(1)
    found = answer.probabilities(record.signals[1], record.beats)
    assert np.isnan(found).all(axis=1).tolist() == (~answer.whole(record.signals[1], record.beats.time)).tolist()
    where = {int(begin): at for at, begin in enumerate(np.rint(record.beats.time * RATE).astype(int) - SIZE // 2)}
    row_of = np.cumsum(answer.whole(record.signals[1], record.beats.time)) - 1
    for frame, strip in zip(trained, index.strip, strict=True):
        other = given[0][row_of[where[int(strips.begin[strip])]]]
        np.testing.assert_allclose(frame, other, atol=1e-5)


def test_augmentation_and_preprocesses_leave_what_stands_beside_alone(store):
    framing = BeatFrames(rr=True)
    strips, index = drawn(store, framing, 5)
    frames = framing.cut(strips, index, SIZE)
    steps = Steps(lambda given, rng: given + 1, lambda given: given * 2)
    for training in (True, False):
        inputs, _ = framing.arrangement(frames, np.zeros(10), np.random.default_rng(0), steps, training)
        np.testing.assert_allclose(inputs[..., :1], 2 * (frames[..., :1] + training))
        np.testing.assert_array_equal(inputs[..., 1:], frames[..., 1:])


def test_without_rr_there_is_the_signal_alone(store):
    assert BeatFrames().channels == 1
    answer = BeatFrames().answering(FrameAnswer(lambda x: x, lambda x: np.zeros((*x.shape[:1], 3)), SIZE, RATE))
    assert isinstance(answer, BeatAnswer)
    signal = store.signals(0)[0]
    none = answer.probabilities(signal, Beats(np.array([0.1]), np.zeros(1, np.int8)))
    assert np.isnan(none).all()
    assert none.shape == (1, 3)
    assert answer.delay == delay(SIZE, RATE) == 0.75


def test_a_word_that_is_misspelt_is_an_error():
    with pytest.raises(ConfigError, match="rr"):
        BeatFrames.read({"rrr": True})
