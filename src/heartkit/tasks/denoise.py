"""Denoise: what an ECG or PPG was before noise was added to it."""

from heartkit.frames.signal_frames import CleanFrames
from heartkit.objectives.denoise import Denoise
from heartkit.tasks.base import Task

TASK = Task(
    name="denoise",
    summary="what an ECG or PPG was before the configured augmentations made it noisy",
    vocabulary=None,
    framing=CleanFrames(),
    objective=Denoise(),
    view="heartkit.tasks.denoise_view:show",
)
