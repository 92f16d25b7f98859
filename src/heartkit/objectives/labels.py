"""From the numbers of a vocabulary to the classes of a configuration, by its ``class_map``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEFT_OUT = -1
"""Class of what is unknown, or not in ``class_map``: neither trained on nor scored."""


def full_class_map(class_map: Mapping[int, int], num_classes: int) -> dict[int, int]:
    """Return the configuration's ``class_map``, or the identity where it gives none."""
    return dict(class_map) or {number: number for number in range(num_classes)}


def class_names(
    names: list[str] | None, class_map: Mapping[int, int], vocabulary: type[IntEnum] | None, num_classes: int = 0
) -> list[str]:
    """Name each class: as configured, else after what the vocabulary maps to it, e.g. ``"P+T"``.

    There are `num_classes` of them, also where nothing is mapped to the last ones; none where a task has no classes.
    """
    if vocabulary is None:
        return []
    if names:
        return list(names)
    count = max(num_classes, max(class_map.values(), default=LEFT_OUT) + 1)
    words = [[member.name for member in vocabulary if class_map.get(int(member)) == one] for one in range(count)]
    return ["+".join(members) or f"class {number}" for number, members in enumerate(words)]


def to_classes(labels: NDArray[np.integer[Any]], class_map: Mapping[int, int]) -> NDArray[np.int8]:
    """Map vocabulary numbers (int8, unknown negative) to classes; `LEFT_OUT` for those that are not in the map."""
    table = np.full(256, LEFT_OUT, np.int8)
    for number, one in class_map.items():
        table[number] = one
    # Read as unsigned, -1 (unknown) is 255, which is in no vocabulary.
    return table[labels.astype(np.int8).view(np.uint8)]
