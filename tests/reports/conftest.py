"""What reads pages back, and a demo of a synthetic ECG to show."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import pages
from heartkit.records.record import Waves, annotated_everywhere
from heartkit.records.wave_track import wave_track
from heartkit.reports.segmentation import SegmentationDemo
from heartkit.signal.hrv import hrv, rr_intervals
from heartkit.signal.peaks import r_peaks
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams


@pytest.fixture(scope="session")
def read_page() -> Callable[[Path], pages.Page]:
    """Parse a page; every tag must be closed, and nothing may be loaded from elsewhere."""
    return pages.read_page


@pytest.fixture(scope="session")
def unpack() -> Callable[[dict[str, str]], np.ndarray]:
    return pages.unpack


@pytest.fixture(scope="session")
def make_demo() -> Callable[..., SegmentationDemo]:
    """Make a demo of a synthetic ECG in which the marked waves are found exactly."""

    def make(duration: float = 10.0, rate: int = 100, **changed) -> SegmentationDemo:
        params = EcgParams(duration=duration, sample_rate=rate, presets=["SR"], preset_weights=[1])
        record = generate(params, 3, [0])[0]
        samples = record.signals.shape[1]
        waves = record.waves.on_lead(1)
        track = wave_track(record.waves, annotated_everywhere(12, samples / rate), 12, samples, rate)[1]
        qrs = waves.of_kind(2)
        peaks = r_peaks(record.signals[1], rate, qrs.onset, qrs.offset)
        rr = rr_intervals(peaks)
        parts = {
            "dataset": "ecg-synthetic", "record": record.id, "patient": record.patient, "lead": "II", "unit": "mV",
            "sampling_rate": float(rate), "signal": record.signals[1],
            "probabilities": np.eye(4, dtype=np.float32)[track], "class_names": ["NONE", "P", "QRS", "T"],
            "waves": waves, "reference": waves, "beats": peaks, "rr": rr, "hrv": hrv(rr),
            "model": "model.tflite", "backend": "pc", "milliseconds_per_frame": 0.5, "frames": 8,
        }  # fmt: skip
        return SegmentationDemo(**{**parts, **changed})

    return make


@pytest.fixture(scope="session")
def nothing_found() -> dict[str, object]:
    """What of a demo is empty when the model finds nothing."""
    return {"waves": Waves.empty(), "reference": Waves.empty(), "beats": np.empty(0), "rr": None, "hrv": None}
