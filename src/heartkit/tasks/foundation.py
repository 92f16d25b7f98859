"""Foundation: an embedding in which frames of one patient lie near each other, learnt without labels."""

from heartkit.frames.signal_frames import ViewFrames
from heartkit.objectives.contrast import Contrast
from heartkit.tasks.base import Task

TASK = Task(
    name="foundation",
    summary="an embedding learnt without labels, to start other tasks from",
    vocabulary=None,
    framing=ViewFrames(),
    objective=Contrast(),
    view="heartkit.tasks.foundation_view:show",
)
