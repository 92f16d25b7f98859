"""Rhythm: which rhythm a stretch of an ECG shows."""

from heartkit.frames.framing import RhythmFrames
from heartkit.objectives.rhythms import ClassifyRhythm
from heartkit.records.vocabulary import Rhythm
from heartkit.tasks.base import Task

TASK = Task(
    name="rhythm",
    summary="which rhythm a stretch of an ECG shows, such as atrial fibrillation",
    vocabulary=Rhythm,
    framing=RhythmFrames(),
    objective=ClassifyRhythm(),
    view="heartkit.tasks.rhythm_view:show",
)
