"""How frames are cut: framing rules, each a small class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Strips, known_runs
from heartkit.records.store import Store


class WaveFrames:
    """Frames of one lead in which every sample is known to be some wave or none; the answer is the wave of each."""

    needs = frozenset({"waves"})

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None) -> Strips:
        """Return the annotated stretches of each lead."""
        return known_runs(store, records, leads)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, frame_size) `Wave` values."""
        return strips.cut("track", frames.strip, frames.start, frame_size)
