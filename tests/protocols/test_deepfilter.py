"""The DeepFilter protocol: its noise, its beats, its conditions, sample by sample."""

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import ConfigError, NoRecordsError, UnknownNameError
from heartkit.factories import TaskFactory
from heartkit.frames.prepared import Prepared
from heartkit.metrics.signals import frame_scores
from heartkit.modes.evaluate import protocol_of
from heartkit.params import HKTestParams
from heartkit.protocols.base import Trial
from heartkit.protocols.deepfilter import PROTOCOL, PUBLISHED, contaminated
from heartkit.records.record import Record, Waves
from heartkit.records.vocabulary import Wave
from made_records import stored

FITTING = {
    "protocol": "deepfilter", "sampling_rate": 360, "frame_size": 512,
    "datasets": [{"name": "qtdb", "params": {"annotator": "pu1"}}],
}  # fmt: skip


class Knowing:
    """A model that answers with a share of what it is given."""

    def __init__(self, share):
        self.share, self.given = share, None

    def frames(self, frames):
        self.given = frames[..., 0]
        return frames * self.share


def params(**changes):
    return HKTestParams.read({**FITTING, **changes}, "the test")


@given(st.integers(1, 40), st.integers(8, 64), st.integers(0, 2**32 - 1))
def test_the_noise_is_between_a_fifth_and_twice_the_beats_height(count, size, seed):
    rng = np.random.default_rng(seed)
    clean = rng.normal(0, 1, (count, size)).astype(np.float32)
    noise = rng.normal(3, 1, 10 * size + 5).astype(np.float32)
    added = contaminated(clean, noise).astype(np.float64) - clean
    share = np.ptp(added, axis=1) / np.ptp(clean, axis=1)
    assert (share > 0.199).all()
    assert (share < 1.991).all()
    for number, row in enumerate(added):  # frame after frame, again from the beginning after ten
        piece = noise[number % 10 * size :][:size].astype(np.float64)
        gain = share[number] * np.ptp(clean[number]) / np.ptp(piece)
        np.testing.assert_allclose(row, gain * piece, rtol=1e-3, atol=1e-4)


def test_every_model_is_given_the_same_noise():
    clean = np.random.default_rng(0).normal(0, 1, (50, 16)).astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 1, 400).astype(np.float32)
    first = contaminated(clean, noise)
    np.testing.assert_array_equal(first, contaminated(clean, noise))
    shares = np.ptp(first - clean, axis=1) / np.ptp(clean, axis=1)
    assert len(set(np.round(shares, 2))) > 30


@pytest.fixture
def noise_folder(tmp_path):
    """NSTDB in miniature: of ``bw`` each channel and half is a sine of another frequency."""
    time = np.arange(7200) / 360
    halves = [[1.0, 2.0], [3.0, 4.0]]
    rows = [np.concatenate([np.sin(2 * np.pi * hertz * time) for hertz in channel]) for channel in halves]
    for kind in ("bw", "em", "ma"):
        wfdb.wrsamp(
            kind, 360, ["mV", "mV"], ["noise1", "noise2"], np.stack(rows, 1), fmt=["212", "212"],
            write_dir=str(tmp_path),
        )  # fmt: skip
    return tmp_path


@pytest.fixture
def trial(tmp_path_factory, noise_folder):
    """Two patients with beats of 0.9 s, scored by a model that does nothing."""
    rng = np.random.default_rng(5)
    records = []
    for name in "12":
        onset = np.arange(0.5, 15, 0.9)
        waves = Waves(
            np.repeat([Wave.P, Wave.QRS], len(onset)).astype(np.int8), *(np.concatenate([onset + a, onset + b])
            for a, b in ((0, 0.15), (0.05, 0.2), (0.1, 0.25))), np.full(2 * len(onset), 1, np.int16),
        )  # fmt: skip
        signals = rng.normal(0, 1, (2, 360 * 16)).astype(np.float32)
        records.append(Record(name, name, 360.0, ("I", "II"), ("mV", "mV"), signals, waves=waves))
    store = stored(records, tmp_path_factory.mktemp("cache"), 360.0)
    one = Prepared("qtdb", store, {"train": [], "val": ["1", "2"], "test": []}, None, 1)
    return Trial([one], "val", Knowing(1), 512, noise_folder, np.random.default_rng(0))


def test_scores_are_those_of_the_second_half_of_the_second_channel(trial):
    scores = PROTOCOL.score(trial)
    report, beats = scores["frames"], 2 * 16
    assert (report["patients"], report["frames"]) == (2, beats)
    assert set(report["output"]) == {"ssd", "mad", "prd_deepfilter", "cosine"}
    # The model does nothing: what comes out is what went in.
    for name, score in report["output"].items():
        assert score == report["input"][name]
    store = trial.prepared[0].store
    begin = np.rint((np.arange(0.5, 15, 0.9) - 0.04) * 360).astype(int)
    clean = np.zeros((beats, 512))
    for number in range(beats):
        record, beat = divmod(number, 16)
        piece = store.signals(record)[0, begin[beat] : begin[beat + 1]]
        clean[number, 16 : 16 + len(piece)] = piece - (piece[0] + piece[-1]) / 2
    noise = trial.answer.given - clean
    spectrum = np.abs(np.fft.rfft(noise - noise.mean(1, keepdims=True), 7200, axis=1))
    np.testing.assert_allclose(np.fft.rfftfreq(7200, 1 / 360)[spectrum.argmax(1)], 4.0, atol=0.2)
    expected = frame_scores(clean, trial.answer.given.astype(np.float64))
    for name in ("ssd", "mad", "prd_deepfilter", "cosine"):
        assert report["output"][name]["mean"]["value"] == pytest.approx(expected[name].mean(), rel=1e-4)
        assert report["output"][name]["sd"] == pytest.approx(expected[name].std(ddof=1), rel=1e-3)
    assert list(scores["baselines"]) == ["high-pass filter 0.67 Hz"]
    assert scores["published"].keys() == PUBLISHED.keys()


def test_without_beats_or_noise_it_says_so(trial, tmp_path):
    with pytest.raises(NoRecordsError, match="split 'train' have no beats"):
        PROTOCOL.score(Trial(trial.prepared, "train", trial.answer, 512, trial.noise_folder, trial.rng))
    for folder in (None, tmp_path / "absent"):
        with pytest.raises(ConfigError, match="noise of nstdb, which is not beside"):
            PROTOCOL.score(Trial(trial.prepared, "val", trial.answer, 512, folder, trial.rng))


@pytest.mark.parametrize(
    ("task", "changes", "said"),
    [
        ("rhythm", {}, "task 'rhythm' gives none"),
        ("denoise", {"datasets": [*FITTING["datasets"], {"name": "mitdb"}]}, "datasets holds 'mitdb'"),
        ("denoise", {"datasets": [{"name": "qtdb"}]}, 'params.annotator to "pu1"'),
        ("denoise", {"sampling_rate": 250}, "sampling_rate is 250, but protocol 'deepfilter' takes 360"),
        ("denoise", {"frame_size": 256}, "frame_size is 256.*takes 512"),
    ],
)
def test_what_does_not_fit_is_refused(task, changes, said):
    with pytest.raises(ConfigError, match=said):
        protocol_of(params(**changes), TaskFactory.get(task))


def test_an_unknown_protocol_names_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'deepfliter'.*'deepfilter'"):
        protocol_of(params(protocol="deepfliter"), TaskFactory.get("denoise"))


def test_no_protocol_and_one_that_fits():
    task = TaskFactory.get("denoise")
    assert protocol_of(params(protocol=None), task) is None
    assert protocol_of(params(), task) is PROTOCOL
