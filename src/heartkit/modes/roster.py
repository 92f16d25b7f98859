"""How many patients of each dataset train, validate and test, and what decides who does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heartkit.frames.batches import FrameSet
from heartkit.frames.sources import Prepared
from heartkit.records.splits import SPLITS


def roster(prepared: Sequence[Prepared], training: Sequence[FrameSet]) -> list[dict[str, Any]]:
    """Count patients.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets of a configuration.
    training : sequence of FrameSet
        The frames that train.

    Returns
    -------
    list of dict
        Of each dataset ``name``; ``fixed``, the splits that the publisher or the field fixed, the others being drawn
        by hash; ``only``, the splits that the configuration uses it for, None for all; ``train``, ``val`` and
        ``test``, the patients in each split; ``trained``, those in ``train`` of whom there are frames.
    """
    return [
        {
            "name": one.name,
            "fixed": list(one.fixed),
            "only": None if one.only is None else list(one.only),
            **{split: one.patients(split) for split in SPLITS},
            "trained": _with_frames(one, training),
        }
        for one in prepared
    ]


def _with_frames(one: Prepared, sets: Sequence[FrameSet]) -> int:
    found = [np.unique(frames.index.patient) for frames in sets if frames.strips.store is one.store]
    return len(np.unique(np.concatenate(found))) if found else 0
