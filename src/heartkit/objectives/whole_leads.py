"""What models that answer for whole leads have in common: the windows in which they look at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from heartkit.frames.windows import OVERLAP, hop_of


@dataclass(frozen=True)
class WholeLeads:
    """A model that answers for whole leads, window by window.

    Parameters
    ----------
    preprocess, predict : callable
        Frames through the preprocessing and through the model.
    frame_size : int
        Samples the model takes.
    rate : float
        Hz.
    overlap : float
        Share of a window that the next one covers again, in [0, 1).
    """

    preprocess: Any
    predict: Any
    frame_size: int
    rate: float
    overlap: float = field(default=OVERLAP, kw_only=True)

    @property
    def hop(self) -> int:
        """Return the samples from one window to the next."""
        return hop_of(self.frame_size, self.overlap)
