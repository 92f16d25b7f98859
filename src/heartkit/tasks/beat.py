"""Beat: which kind of beat is in the middle of a frame."""

from heartkit.frames.beat_frames import BeatFrames
from heartkit.objectives.beats import ClassifyBeats
from heartkit.records.vocabulary import Beat
from heartkit.tasks.base import Task

TASK = Task(
    name="beat",
    summary="which kind of beat is in the middle of a frame, such as premature ones",
    vocabulary=Beat,
    framing=BeatFrames(),
    objective=ClassifyBeats(),
    view="heartkit.tasks.beat_view:show",
)
