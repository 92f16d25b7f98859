"""Beat: which kind of beat is in the middle of a frame."""

from heartkit.frames.framing import BeatFrames
from heartkit.objectives.classify import Classify
from heartkit.records.vocabulary import Beat
from heartkit.tasks.base import Task

TASK = Task(
    name="beat",
    summary="which kind of beat is in the middle of a frame, such as premature ones",
    vocabulary=Beat,
    framing=BeatFrames(),
    objective=Classify(),
    view="heartkit.tasks.beat_view:show",
)
