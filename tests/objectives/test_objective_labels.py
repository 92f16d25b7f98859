"""From the numbers of a vocabulary to classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.objectives.labels import LEFT_OUT, class_names, full_class_map, to_classes
from heartkit.records.vocabulary import Rhythm, Wave


@given(
    labels=st.lists(st.integers(-128, 127), max_size=50),
    class_map=st.dictionaries(st.integers(0, 127), st.integers(-1, 9)),
)
def test_each_label_is_looked_up_alone(labels, class_map):
    expected = [class_map.get(label, LEFT_OUT) for label in labels]
    assert to_classes(np.array(labels, np.int8), class_map).tolist() == expected


def test_unknown_and_unmapped_labels_are_left_out_whatever_their_type_and_shape():
    labels = np.array([[-1, Wave.NONE, Wave.P], [Wave.QRS, Wave.U, -1]], np.int64)
    classes = to_classes(labels, {0: 0, 1: 1, 2: 1})
    assert classes.tolist() == [[-1, 0, 1], [1, -1, -1]]
    assert classes.dtype == np.int8
    assert to_classes(np.array([Rhythm.NOISE], np.int8), {127: 3}).tolist() == [3]


def test_without_a_class_map_classes_are_the_labels():
    assert full_class_map({}, 3) == {0: 0, 1: 1, 2: 2}
    assert full_class_map({5: 0}, 3) == {5: 0}


@pytest.mark.parametrize(
    ("class_map", "count", "names"),
    [
        ({0: 0, 1: 1, 2: 2, 3: 1}, 3, ["NONE", "P+T", "QRS"]),
        ({0: 0, 2: 1, 3: -1}, 2, ["NONE", "QRS"]),
        ({0: 0, 2: 1, 99: 2}, 4, ["NONE", "QRS", "class 2", "class 3"]),
        ({0: -1}, 2, ["class 0", "class 1"]),
    ],
)
def test_classes_are_named_after_what_they_hold(class_map, count, names):
    assert class_names(None, class_map, Wave, count) == names


def test_configured_names_win():
    assert class_names(["rest", "QRS complex"], {0: 0, 2: 1}, Wave, 2) == ["rest", "QRS complex"]
