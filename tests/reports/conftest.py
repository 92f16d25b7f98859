"""Pages read back as a browser reads them, and a demo of a synthetic ECG to show."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from heartkit.records.record import Waves, annotated_everywhere, wave_track
from heartkit.reports.segmentation import SegmentationDemo
from heartkit.signal.hrv import hrv, rr_intervals
from heartkit.signal.peaks import r_peaks
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams

VOID = {"meta", "img", "br", "link", "input"}


@dataclass
class Page:
    """What a reader finds in a page."""

    text: str
    words: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    charts: list[dict] = field(default_factory=list)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.open = page, []

    def handle_starttag(self, tag, attrs):
        self.page.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))
        if tag == "table":
            self.page.tables.append([])
        elif tag == "tr":
            self.page.tables[-1].append([])
        elif tag in ("td", "th"):
            self.page.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ("", {})
        if inside[0] == "script":
            if inside[1].get("type") == "application/json":
                self.page.charts.append(json.loads(data))
            return
        if inside[0] in ("td", "th"):
            self.page.tables[-1][-1][-1] += " ".join(data.split())
        if inside[0] != "style":
            self.page.words += data + " "


@pytest.fixture(scope="session")
def read_page() -> Callable[[Path], Page]:
    """Parse a page; every tag must be closed, and nothing may be loaded from elsewhere."""

    def read(path: Path) -> Page:
        page = Page(path.read_text("utf-8"))
        reader = _Reader(page)
        reader.feed(page.text)
        reader.close()
        assert not reader.open
        for _, attributes in page.tags:
            for name in ("src", "href", "srcset", "action", "data", "poster"):
                assert (attributes.get(name) or "data:").startswith("data:")
        policies = [a["content"] for a in page.attributes("meta") if a.get("http-equiv") == "Content-Security-Policy"]
        assert len(policies) == 1
        assert policies[0].startswith("default-src 'none';")
        return page

    return read


def unpacked(values: dict[str, str]) -> np.ndarray:
    """Decode numbers as plotly does."""
    return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]).newbyteorder("<"))


@pytest.fixture(scope="session")
def unpack() -> Callable[[dict[str, str]], np.ndarray]:
    return unpacked


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
            "waves": waves, "reference": waves, "r_peaks": peaks, "rr": rr, "hrv": hrv(rr),
            "model": "model.tflite", "backend": "pc", "milliseconds_per_frame": 0.5, "frames": 8,
        }  # fmt: skip
        return SegmentationDemo(**{**parts, **changed})

    return make


@pytest.fixture(scope="session")
def nothing_found() -> dict[str, object]:
    """What of a demo is empty when the model finds nothing."""
    return {"waves": Waves.empty(), "reference": Waves.empty(), "r_peaks": np.empty(0), "rr": None, "hrv": None}
