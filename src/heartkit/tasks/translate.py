"""Translate: the ECG that goes with a PPG, or any other two signals that were recorded together."""

from heartkit.frames.signal_frames import PairedFrames
from heartkit.objectives.translate import Translate
from heartkit.tasks.base import Task

TASK = Task(
    name="translate",
    summary="the ECG that goes with a PPG, or the other way round",
    vocabulary=None,
    framing=PairedFrames(),
    objective=Translate(),
    view="heartkit.tasks.translate_view:show",
)
