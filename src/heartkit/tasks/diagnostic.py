"""Diagnostic: which of PTB-XL's diagnostic superclasses an ECG shows."""

from heartkit.frames.framing import TagFrames
from heartkit.objectives.tag import Tag
from heartkit.records.vocabulary import Diagnosis
from heartkit.tasks.base import Task

TASK = Task(
    name="diagnostic",
    summary="which of normal, ST/T change, infarction, hypertrophy, conduction disturbance",
    vocabulary=Diagnosis,
    framing=TagFrames(),
    objective=Tag(),
    view="heartkit.tasks.diagnostic_view:show",
)
