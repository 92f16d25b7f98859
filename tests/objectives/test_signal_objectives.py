"""Scores of denoised and translated signals, against NumPy, SciPy and scikit-learn, with baselines that are known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import signal as scipy_signal
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.metrics.pairwise import cosine_similarity

from heartkit.errors import ConfigError
from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import predict_recording
from heartkit.objectives.denoise import Denoise, band_passed, best_band
from heartkit.objectives.reconstruct import SignalAnswer
from heartkit.objectives.translate import Translate
from heartkit.params import PreprocessParams
from heartkit.transforms.pipeline import build_preprocesses
from scorings import scoring

RATE, SIZE = 100.0, 512


def pulses(rng, n, shift=0.0, width=0.02, fall=1.0):
    """Frames (n, SIZE) of a pulse every 0.6 to 1.1 s, which falls so many times slower than it rises, and the gaps."""
    time = np.arange(SIZE) / RATE
    starts, gaps = rng.uniform(0.1, 0.5, n), rng.uniform(0.6, 1.1, n)
    beats = [np.arange(start, 5.1, gap) for start, gap in zip(starts, gaps, strict=True)]
    away = [time[:, None] - each - shift for each in beats]
    made = [np.exp(-((one / np.where(one > 0, fall * width, width)) ** 2)).sum(1) for one in away]
    return np.stack(made).astype(np.float32), gaps


@pytest.fixture(scope="module")
def frames():
    """Clean frames with noise below 8 Hz's reach added, patients, and outputs that halve the noise."""
    rng = np.random.default_rng(1)
    clean = pulses(rng, 60, width=0.08)[0] - 0.2
    time = np.arange(SIZE) / RATE
    wander = rng.uniform(0.5, 1.5, (60, 1)) * np.sin(2 * np.pi * 0.2 * time + rng.uniform(0, 6, (60, 1)))
    noise = (wander + rng.normal(0, 0.2, clean.shape)).astype(np.float32)
    held = StoredFrames((clean + noise)[..., None], clean[..., None], rng.integers(0, 7, 60))
    return held, (clean + noise / 2)[..., None]


def snr(clean, signal):
    return 10 * np.log10(((clean - clean.mean(1, keepdims=True)) ** 2).sum(1) / ((signal - clean) ** 2).sum(1))


def test_what_is_watched_is_what_scikit_learn_says(frames):
    held, outputs = frames
    watched = Denoise().watch(held.answers, outputs)
    clean, output = held.answers[..., 0], outputs[..., 0]
    assert watched["loss"] == pytest.approx(mean_squared_error(clean, output), rel=1e-5)
    assert watched["cosine"] == pytest.approx(np.diag(cosine_similarity(clean, output)).mean(), rel=1e-5)
    assert set(watched) == set(Denoise().watched)


def test_frames_without_power_have_no_cosine():
    zero, one = np.zeros((2, 10, 1), np.float32), np.ones((2, 10, 1), np.float32)
    assert np.isnan(Denoise().watch(zero, one)["cosine"])
    one[1] = 0
    assert Denoise().watch(np.ones((2, 10, 1), np.float32), one)["cosine"] == pytest.approx(1)


def test_the_loss_is_the_mean_squared_error(frames):
    held, outputs = frames
    loss = Denoise().loss(None, held.answers)
    assert float(loss(held.answers, outputs)) == pytest.approx(np.mean((held.answers - outputs) ** 2), rel=1e-5)


def test_denoised_frames_stand_beside_the_input_and_the_best_filter(frames):
    held, outputs = frames
    calls = []

    def validation():
        calls.append(1)
        return held, outputs

    scores = Denoise().score(held, outputs, scoring([], validation=validation, rate=RATE))
    clean, noisy, output = (each[..., 0] for each in (held.answers, held.frames, outputs))
    report = scores["frames"]
    assert report["patients"] == 7
    assert report["frames"] == 60
    assert report["output"]["snr"]["mean"]["value"] == pytest.approx(snr(clean, output).mean(), rel=1e-4)
    assert report["input"]["snr"]["mean"]["value"] == pytest.approx(snr(clean, noisy).mean(), rel=1e-4)
    # Half the noise is 6.02 dB more.
    assert report["snr_improvement"]["mean"]["value"] == pytest.approx(20 * np.log10(2), abs=1e-3)
    assert report["output"]["rmse"]["mean"]["value"] == pytest.approx(
        np.mean([mean_squared_error(a, b) ** 0.5 for a, b in zip(clean, output, strict=True)]), rel=1e-4
    )
    assert set(report["output"]) == {"snr", "rmse", "mae", "prd", "correlation", "cosine"}
    ((name, baseline),) = scores["baselines"].items()
    low, high = best_band(held, RATE)
    assert name == f"band-pass filter {low:g}-{high:g} Hz"
    assert calls
    sos = scipy_signal.butter(3, [low, high], "bandpass", fs=RATE, output="sos")
    inner = slice(100, -100)  # beyond what is guessed at the edges
    np.testing.assert_allclose(
        band_passed(noisy, (low, high), RATE)[:, inner], scipy_signal.sosfiltfilt(sos, noisy)[:, inner], atol=0.1
    )
    filtered = band_passed(noisy, (low, high), RATE)
    assert baseline["signals"]["output"]["snr"]["mean"]["value"] == pytest.approx(snr(clean, filtered).mean(), rel=1e-4)
    json.dumps(scores, allow_nan=False)


@pytest.mark.parametrize("corner", [1.0, 8.0])
def test_the_filter_is_chosen_for_the_noise_that_there_is(corner):
    """Of frames of sines between the corners and noise beside them the band is known."""
    rng, time = np.random.default_rng(2), np.arange(SIZE) / RATE
    inside = np.sin(2 * np.pi * (corner + 3) * time + rng.uniform(0, 6, (20, 1)))
    noise = np.sin(2 * np.pi * 30 * time + rng.uniform(0, 6, (20, 1))) + rng.normal(0, 0.3, (20, SIZE))
    held = StoredFrames((inside + noise)[..., None].astype(np.float32), inside[..., None], np.arange(20))
    low, high = best_band(held, RATE)
    assert low == 1.5
    assert high == (5.0 if corner == 1.0 else 15.0)


def test_a_translation_stands_beside_the_template_and_a_flat_line():
    rng = np.random.default_rng(3)

    def pair(n):
        state = rng.bit_generator.state
        source, _ = pulses(rng, n, 0.3, 0.08, 2.5)
        rng.bit_generator.state = state
        target, gaps = pulses(rng, n)
        patients = rng.integers(0, 5, n)
        return StoredFrames(source[..., None], target[..., None], patients), gaps

    (known, _), (held, gaps) = pair(40), pair(30)
    outputs = held.answers + rng.normal(0, 0.02, held.answers.shape).astype(np.float32)
    scores = Translate().score(held, outputs, scoring([], rate=RATE, training=lambda: (known, known.answers)))
    report, target = scores["frames"], held.answers[..., 0]
    expected = [pearsonr(a, b)[0] for a, b in zip(target, outputs[..., 0], strict=True)]
    assert report["output"]["correlation"]["mean"]["value"] == pytest.approx(np.mean(expected), rel=1e-4)
    assert report["output"]["mae"]["mean"]["value"] == pytest.approx(
        mean_absolute_error(target.T, outputs[..., 0].T), rel=1e-4
    )
    assert report["input"] is None
    assert report["heart_rate"]["coverage"]["value"] == 1
    assert report["heart_rate"]["mean_absolute_error"]["value"] < 0.5
    assert gaps.min() > 0.5
    template, flat = (scores["baselines"][name]["signals"] for name in ("mean template", "flat line"))
    assert 0.8 < template["output"]["correlation"]["mean"]["value"] < 1
    assert template["heart_rate"]["mean_absolute_error"]["value"] < 3
    assert flat["heart_rate"]["coverage"]["value"] == 0
    assert flat["output"]["correlation"]["mean"]["value"] is None
    spread = np.mean([np.sqrt(((row - known.answers.mean()) ** 2).mean()) for row in target])
    assert flat["output"]["rmse"]["mean"]["value"] == pytest.approx(spread, rel=1e-4)
    json.dumps(scores, allow_nan=False)
    breaths = replace(scoring([], rate=RATE, training=lambda: (known, known.answers)), beating=False)
    without = Translate().score(held, outputs, breaths)
    assert "heart_rate" not in without["frames"]
    assert not any("heart_rate" in one["signals"] for one in without["baselines"].values())
    assert without["frames"]["output"]["mae"]["mean"] == report["output"]["mae"]["mean"]


def test_there_is_one_answer():
    with pytest.raises(ConfigError, match=r"num_classes is 3.*Set num_classes to 1"):
        Denoise().require_classes({0: 0}, 3)
    Translate().require_classes({}, 1)


def test_a_whole_lead_comes_back_in_its_own_unit():
    """A model that answers with what it is given undoes nothing but the preprocesses."""
    rng = np.random.default_rng(4)
    lead = (1000 + 50 * rng.standard_normal(700)).astype(np.float32)
    preprocess = build_preprocesses([PreprocessParams(name="znorm")], RATE)
    answer = Denoise().answer(preprocess, lambda frames: frames, 128, RATE, {})
    assert isinstance(answer, SignalAnswer)
    np.testing.assert_allclose(answer.signal(lead), lead, rtol=1e-5)
    plain = predict_recording(lead[:, None], 128, preprocess, lambda frames: frames)[:, 0]
    np.testing.assert_allclose(answer.signal(lead, own_unit=False), plain, atol=1e-5)
    halved = Denoise().answer(preprocess, lambda frames: frames / 2, 128, RATE, {})
    frames = lead[:640].reshape(5, 128, 1)
    mean = frames.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(halved.frames(frames), mean + (frames - mean) / 2, rtol=1e-5)
