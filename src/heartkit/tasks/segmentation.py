"""Segmentation: which samples of an ECG are P wave, QRS complex, T wave, of a PPG systole and diastole."""

from heartkit.frames.framing import WaveFrames
from heartkit.objectives.segment import Segment
from heartkit.records.vocabulary import Wave
from heartkit.tasks.base import Task

TASK = Task(
    name="segmentation",
    summary="which samples are P wave, QRS, T wave of an ECG, systole, diastole of a PPG",
    vocabulary=Wave,
    framing=WaveFrames(),
    objective=Segment(),
    view="heartkit.tasks.segmentation_view:show",
)
