"""The parts of ``heartkit tune``: the space, the limits, the trials, the study that remembers them."""
