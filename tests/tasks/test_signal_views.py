"""What the views of denoising and translation make of a recording, with models that know the answer."""

import dataclasses

import numpy as np
import pytest

from heartkit.errors import DataError
from heartkit.frames.signal_frames import CleanFrames, PairedFrames
from heartkit.objectives.reconstruct import SignalAnswer
from heartkit.reports.style import BLUE, ORANGE
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams
from heartkit.tasks import denoise_view, translate_view
from heartkit.tasks.base import Demonstration
from heartkit.transforms.pipeline import Pipeline
from heartkit.transforms.znorm import ZNorm
from pages import unpack

RATE, SIZE = 100.0, 256


@pytest.fixture(scope="module")
def record():
    """Half a minute of lead II and PPG of one heart at 75 beats per minute."""
    params = PpgParams(presets=["SR"], duration=30, heart_rate=(75, 75), noise_multiplier=0)
    return generate(params, 3, [1], True)[0]


def shown(record, predict, framing, augment=None, lead=0, steps=(), seed=5):
    answer = SignalAnswer(Pipeline(steps), predict, SIZE, RATE)
    leads = range(len(record.leads))
    return Demonstration("made", record, lead, answer, [], "model.keras", "pc", framing, leads, augment, seed)


def hum(frames, rng):
    """Another strength of a sine for each stretch."""
    time = np.arange(frames.shape[1]) / RATE
    return (frames + rng.uniform(0.1, 0.5) * np.sin(2 * np.pi * 40 * time)[:, None]).astype(np.float32)


def curves(found):
    return {one["name"]: unpack(one["y"]) for one in found.charts[0]["data"] if "name" in one}


def test_a_model_that_changes_nothing_leaves_all_the_noise(record, page):
    (line,), found = page(denoise_view, shown(record, lambda frames: frames, CleanFrames(), hum))
    drawn = curves(found)
    np.testing.assert_allclose(drawn["clean"], record.signals[0], atol=1e-6)
    noise = drawn["noisy"] - drawn["clean"]
    np.testing.assert_allclose(drawn["residual"], noise, atol=1e-4)
    np.testing.assert_allclose(drawn["noise"], noise, atol=1e-6)
    # Three stretches of 10 s, each with a strength of its own.
    strengths = np.abs(noise).reshape(3, 1000).max(axis=1)
    assert np.ptp(strengths) > 0.01
    assert "Improvement +0.0 dB" in line or "Improvement -0.0 dB" in line
    rows = {row[0]: row[1:] for row in found.tables[0][1:]}
    clean, noisy = (drawn[name][: 11 * SIZE].reshape(-1, SIZE) for name in ("clean", "noisy"))
    power = ((clean - clean.mean(1, keepdims=True)) ** 2).sum(1)
    snr = (10 * np.log10(power / ((noisy - clean) ** 2).sum(1))).mean()
    assert rows["SNR, dB"] == [f"{snr:.1f}"] * 2
    spectra = {one["name"]: (unpack(one["x"]), unpack(one["y"])) for one in found.charts[1]["data"]}
    assert set(spectra) == {"noisy", "clean", "denoised"}
    frequency, density = spectra["noisy"]
    assert frequency[np.argmax(density - spectra["clean"][1])] == 40


def test_the_noise_depends_on_the_seed_alone(record, page):
    drawn = [
        curves(page(denoise_view, shown(record, lambda frames: frames, CleanFrames(), hum, seed=seed))[1])["noisy"]
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_the_clean_signal_is_what_the_task_takes_for_clean(record, page):
    framing = CleanFrames(lowcut=0.5, highcut=30)
    _, found = page(denoise_view, shown(record, lambda frames: frames, framing, hum))
    np.testing.assert_allclose(curves(found)["clean"], framing.clean(record.signals[0], RATE), atol=1e-6)


def test_without_augmentations_the_recording_itself_is_noisy(record, page):
    steps = [ZNorm.create({}, RATE)]
    (line,), found = page(denoise_view, shown(record, lambda frames: 0 * frames, CleanFrames(), steps=steps, lead=1))
    drawn = curves(found)
    assert set(drawn) == {"noisy", "denoised", "taken off"}
    np.testing.assert_allclose(drawn["noisy"], record.signals[1], atol=1e-6)
    np.testing.assert_allclose(drawn["taken off"], drawn["noisy"] - drawn["denoised"], atol=1e-5)
    assert "what is clean is not known" in found.words
    assert "SNR" not in line
    assert not found.tables


def test_translation_shows_source_target_and_output_with_their_rates(record, page):
    ecg, ppg = record.signals[record.leads.index("II")], record.signals[record.leads.index("PPG")]

    def knowing(frames):
        windows = np.lib.stride_tricks.sliding_window_view(ppg, SIZE)
        starts = [int(np.flatnonzero((windows == frame[:, 0]).all(axis=1))[0]) for frame in frames]
        return np.stack([ecg[start : start + SIZE] for start in starts])[:, :, None]

    (line,), found = page(translate_view, shown(record, knowing, PairedFrames()))
    drawn = curves(found)
    np.testing.assert_allclose(drawn["PPG, source"], ppg, atol=1e-6)
    np.testing.assert_allclose(drawn["II, target"], ecg, atol=1e-5)
    np.testing.assert_allclose(drawn["output"], ecg, atol=1e-5)
    assert line.startswith("30.0 s of PPG to II: Heart rate, II 7")
    assert "moved by" not in found.words
    rows = {row[0]: row[1] for row in found.tables[0][1:]}
    assert rows["correlation"] == "1.000"
    assert rows["heart-rate error, per minute"] == "0.0 /min"
    assert rows["stretches with both heart rates"] == "11 of 11"
    rates = {one["name"]: unpack(one["y"]) for one in found.charts[1]["data"]}
    np.testing.assert_allclose(rates["target"], 75, atol=8)
    np.testing.assert_allclose(rates["source"], rates["target"], atol=8)
    colours = {one["name"]: one["line"]["color"] for one in found.charts[0]["data"] if "name" in one}
    assert (colours["II, target"], colours["output"]) == (ORANGE, BLUE)


def test_an_aligned_translation_is_shown_against_the_moved_target(record, page):
    ecg, ppg = record.signals[record.leads.index("II")], record.signals[record.leads.index("PPG")]
    framing = PairedFrames(align=True)
    later, _ = framing.begins(ppg, ecg, RATE)
    assert later > 0.2 * RATE
    (line,), found = page(translate_view, shown(record, lambda frames: frames, framing))
    drawn = curves(found)
    np.testing.assert_allclose(drawn["PPG, source"], ppg[later:], atol=1e-6)
    np.testing.assert_allclose(drawn["II, target"], ecg[:-later], atol=1e-5)
    assert line.startswith(f"{30 - later / RATE:.1f} s of PPG to II")
    assert f"moved by {later / RATE:.2f} s" in found.words


def test_the_target_goes_through_the_preprocesses_too(record, page):
    steps = [ZNorm.create({}, RATE)]
    _, found = page(
        translate_view, shown(record, lambda frames: frames, PairedFrames(source="ecg", target="ppg"), steps=steps)
    )
    drawn = curves(found)
    assert abs(drawn["PPG, target"].std() - 1) < 0.1
    np.testing.assert_allclose(drawn["II, source"], record.signals[record.leads.index("II")], atol=1e-6)


def test_a_flat_output_has_no_rate(record, page):
    _, found = page(translate_view, shown(record, lambda frames: 0 * frames, PairedFrames()))
    rows = {row[0]: row[1] for row in found.tables[0][1:]}
    assert rows["heart-rate error, per minute"] == rows["correlation"] == "–"
    assert rows["stretches with both heart rates"] == "0 of 11"


@pytest.mark.parametrize(
    ("source", "target", "with_rates"),
    [("ppg", "resp", set()), ("ecg", "resp", set()), ("resp", "ppg", {"target", "output"})],
)
def test_breaths_have_no_heart_rate(record, page, source, target, with_rates):
    spare = next(name for name in record.leads if name != ("II" if source == "ecg" else "PPG"))
    leads = tuple("RESP" if name == spare else name for name in record.leads)
    breathing = dataclasses.replace(record, leads=leads, waves=type(record.waves).empty())
    framing = PairedFrames(source=source, target=target)
    (line,), found = page(translate_view, shown(breathing, lambda frames: frames, framing))
    rows = {row[0] for row in found.tables[0][1:]}
    assert {"correlation", "MAE, SD of the frame"} <= rows
    assert ("heart-rate error, per minute" in rows) == ("Heart rate" in line) == bool(with_rates)
    assert len(found.charts) == 1 + bool(with_rates)
    assert {one["name"] for chart in found.charts[1:] for one in chart["data"]} == with_rates


@pytest.mark.parametrize(("view", "framing"), [(denoise_view, CleanFrames()), (translate_view, PairedFrames())])
def test_a_recording_shorter_than_a_frame_is_an_error(record, tmp_path, view, framing):
    with pytest.raises(DataError, match="has 255 samples, but the model takes frames of 256"):
        view.show(shown(record.head(255), None, framing), tmp_path / "r.html", tmp_path / "d.png")


def test_a_recording_without_the_two_signals_is_an_error(record, tmp_path):
    alone = dataclasses.replace(
        record, leads=record.leads[:1], units=record.units[:1], signals=record.signals[:1],
        waves=type(record.waves).empty(), annotated=type(record.annotated).empty(),
    )  # fmt: skip
    with pytest.raises(DataError, match="needs one of kind 'ppg' and one of kind 'ecg'"):
        translate_view.show(shown(alone, None, PairedFrames()), tmp_path / "r.html", tmp_path / "d.png")
