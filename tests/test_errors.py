"""The tree of errors: what a user meets, as drawn, and names that are nearly right."""

import inspect
import pickle
import re

import pytest

from heartkit import errors
from heartkit.errors import HeartkitError, UnknownNameError, nearest_names


def test_the_tree_is_as_it_is_drawn():
    drawn, parents = {}, {0: "Exception"}
    for line in errors.__doc__.splitlines():
        if found := re.match(r"    ([│├└─ ]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4 + 1
            drawn[found[2]] = parents[depth - 1]
            parents[depth] = found[2]
    classes = {name: one for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, Exception)}
    assert drawn == {name: one.__bases__[0].__name__ for name, one in classes.items()}
    assert all(issubclass(one, HeartkitError) for one in classes.values())


def test_an_unknown_name_says_the_nearest_and_the_options():
    error = UnknownNameError("dataset", "ludp", ["qtdb", "ludb"])
    assert str(error) == "Unknown dataset 'ludp'. Did you mean 'ludb'? Known: ludb, qtdb."
    assert str(UnknownNameError("mode", "zzz", [])) == "Unknown mode 'zzz'. Known: none."
    assert str(UnknownNameError("mode", "zzz", [], "Do this.")) == "Unknown mode 'zzz'. Do this."


@pytest.mark.parametrize("hint", ["", "Install heartkit-extras."])
def test_an_unknown_name_travels_between_processes(hint):
    error = UnknownNameError("dataset", "ludp", ["qtdb", "ludb"], hint)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is UnknownNameError
    assert (str(back), back.nearest, back.options) == (str(error), ["ludb"], ["ludb", "qtdb"])


def test_nearest_names():
    options = ["ECG-Synthetic", "ludb", "qtdb", "mitdb"]
    assert nearest_names("ecg-sinthetic", options) == ["ECG-Synthetic"]
    assert nearest_names("LUDB", options)[0] == "ludb"
    assert nearest_names("mitdb", options)[0] == "mitdb"
    assert len(nearest_names("tdb", options, count=1)) == 1
    assert nearest_names("xyzzy", options) == []
    assert nearest_names("", []) == []
