"""Pickles of arrays are read, of any protocol and NumPy; whatever else a pickle asks for is refused and not done."""

import collections
import datetime
import os
import pickle
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from heartkit.errors import DataError
from heartkit.frames.pickles import read_arrays

NUMBERS = st.one_of(npst.boolean_dtypes(), *(kind(endianness=order) for order in "<>" for kind in
                    (npst.integer_dtypes, npst.unsigned_integer_dtypes, npst.floating_dtypes)))  # fmt: skip


def written(tmp_path, content: object, protocol: int = 4):
    path = tmp_path / "frames.pkl"
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol))
    return path


@given(st.lists(npst.arrays(NUMBERS, npst.array_shapes(min_dims=0, min_side=0)), max_size=3), st.integers(0, 5))
def test_arrays_come_back_from_every_protocol(tmp_path_factory, arrays, protocol):
    path = tmp_path_factory.getbasetemp() / "some.pkl"
    for content in (arrays, tuple(arrays)):
        path.write_bytes(pickle.dumps(content, protocol))
        for was, now in zip(arrays, read_arrays(path, len(arrays)), strict=True):
            assert was.dtype == now.dtype
            assert np.array_equal(was, now, equal_nan=was.dtype.kind == "f")


@pytest.mark.parametrize("protocol", range(2, 6))
def test_arrays_in_another_order_of_memory(tmp_path, protocol):
    plain = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    arrays = [np.asfortranarray(plain), plain.transpose(1, 0, 2), plain[:, ::2], plain[..., 0], plain[0, 0, 0:0]]
    for was, now in zip(arrays, read_arrays(written(tmp_path, arrays, protocol), 5), strict=True):
        assert np.array_equal(was, now)


@pytest.mark.parametrize(("new", "old"), [(b"numpy._core.", b"numpy.core.")])
def test_pickles_of_numpy_1(tmp_path, new, old):
    arrays = (np.arange(6.0).reshape(2, 3), np.arange(2))
    for protocol in range(2, 5):
        text = pickle.dumps(arrays, protocol)
        if protocol == 4:  # its names carry their length
            text = text.replace(
                bytes([len(b"numpy._core.multiarray")]) + new, bytes([len(b"numpy.core.multiarray")]) + old
            )
            text = text[:3] + (int.from_bytes(text[3:11], "little") - 1).to_bytes(8, "little") + text[11:]
        else:
            text = text.replace(new, old)
        assert old in text
        assert np.array_equal(read_arrays(written(tmp_path, text), 2)[0], arrays[0])


class Calls:
    """Pickles as a call of `function`."""

    def __init__(self, function, *given) -> None:
        self.call = function, given

    def __reduce__(self):
        return self.call


def global_call(module: str, name: str, argument: str) -> bytes:
    """Protocol 0: call module.name(argument)."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


HOSTILE = {
    "os.system": lambda flag: pickle.dumps((Calls(os.system, f"touch {flag}"), 1)),
    "eval": lambda flag: pickle.dumps((Calls(eval, f"open({str(flag)!r}, 'w')"), 1)),
    "exec": lambda flag: pickle.dumps([Calls(exec, f"open({str(flag)!r}, 'w')")] * 2),
    "subprocess": lambda flag: pickle.dumps((Calls(subprocess.Popen, ["touch", str(flag)]), 1)),
    "open": lambda flag: pickle.dumps((Calls(open, str(flag), "w"), 1)),
    "protocol 0": lambda flag: global_call("posix", "system", f"touch {flag}"),
    "protocol 0 builtins": lambda flag: global_call("builtins", "open", str(flag)),
    "numpy's eval": lambda flag: global_call("numpy.f2py.crackfortran", "myeval", f"open({str(flag)!r}, 'w')"),
    "numpy's ctypes": lambda flag: global_call("numpy.core._internal", "_ctypes", str(flag)),
    "numpy's exec": lambda flag: global_call("numpy.testing", "runstring", f"open({str(flag)!r}, 'w')"),
    "numpy.load": lambda flag: global_call("numpy", "load", str(flag)),
    "numpy's memmap": lambda flag: pickle.dumps((Calls(np.memmap, str(flag), "uint8", "w+", 0, (4,)), 1)),
    "a dotted name": lambda flag: b"\x80\x04\x8c\x05numpy\x8c\x12ndarray.__reduce__\x93.",
    "a way up": lambda flag: b"\x80\x04\x8c\x05numpy\x8c\x10_core.multiarray\x93.",
    "getattr": lambda flag: global_call("builtins", "getattr", "x"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_pickle_names_is_not_run(tmp_path, hostile):
    flag = tmp_path / "it ran"
    with pytest.raises(DataError, match=r"does not hold 2 plain arrays of numbers: it names .*Nothing of it was run"):
        read_arrays(written(tmp_path, HOSTILE[hostile](flag)), 2)
    assert not flag.exists()


NOT_NUMBERS = {
    "objects": (np.array([{}, [], None], object), 1),
    "objects of protocol 5": (np.array(["a"], object), np.zeros(1)),
    "text": (np.array(["a", "b"]), np.zeros(2)),
    "bytes": (np.array([b"a", b"b"]), np.zeros(2)),
    "columns": (np.zeros(2, [("a", "f4"), ("b", "i4")]), np.zeros(2)),
    "times": (np.zeros(2, "M8[s]"), np.zeros(2)),
    "complex": (np.zeros(2, complex), np.zeros(2)),
    "a masked array": (np.ma.array([1.0], mask=[True]), np.zeros(1)),
    "a NumPy number": (np.float64(1), np.zeros(1)),
    "one array": (np.zeros(2),),
    "three arrays": (np.zeros(2),) * 3,
    "an array itself": np.zeros((2, 2)),
    "lists": ([1.0], [2.0]),
    "numbers": (1.0, 2.0),
    "a dictionary": {"x": np.zeros(1), "y": np.zeros(1)},
    "an array in a list": ([np.zeros(1)], [np.zeros(1)]),
    "a data type": (np.dtype("f4"), np.dtype("f4")),
    "a class": (np.ndarray, np.dtype),
    "an ordered dictionary": collections.OrderedDict(a=1),
    "a date": (datetime.date(2020, 1, 1), 1),
    "nothing": None,
}


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize("content", NOT_NUMBERS)
def test_what_is_no_pair_of_plain_arrays_is_refused(tmp_path, content, protocol):
    with pytest.raises(DataError, match=r"frames\.pkl does not hold 2 plain arrays of numbers: .*Delete the file"):
        read_arrays(written(tmp_path, NOT_NUMBERS[content], protocol), 2)


def changed(content: object, *changes: tuple[bytes, bytes], protocol: int = 2) -> bytes:
    text = pickle.dumps(content, protocol)
    for was, now in changes:
        assert text.count(was) >= 1, (was, text)
        text = text.replace(was, now)
    return text


PAIR = (np.arange(4.0), np.arange(4.0))
NONSENSE = {
    "objects in disguise": changed(PAIR, (b"f8", b"O8")),
    "a type that is none": changed(PAIR, (b"f8", b"!!")),
    "a longer shape": changed(PAIR, (b"K\x04\x85", b"K\x05\x85")),
    "a shape beyond memory": changed(PAIR, (b"K\x04\x85", b"\x8a\x08" + b"\xff" * 7 + b"\x7f\x85")),
    "a shape beyond all": changed(PAIR, (b"K\x04\x85", b"\x8a\x0a" + b"\xff" * 9 + b"\x7f\x85")),
    "a shape of text": changed(PAIR, (b"K\x04\x85", b"U\x01a\x85")),
    "another text encoding": changed(PAIR, (b"latin1", b"utf-16")),
    "no state": b"\x80\x02cnumpy\nndarray\n)R.",
    "a reference to nothing": b"\x80\x02h\x09.",
    "an array of two that is none": b"(cnumpy\nndarray\ncnumpy\ndtype\nt.",
    "an array that was never filled": b"\x80\x02(cnumpy\nndarray\n)Rcnumpy\nndarray\n)Rt.",
    "a persistent name": b"Pabc\n.",
    "no pickle": b"hello",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused(tmp_path, text):
    with pytest.raises(DataError, match="does not hold 2 plain arrays of numbers"):
        read_arrays(written(tmp_path, NONSENSE[text]), 2)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_truncated_pickle_is_refused_wherever_it_ends(tmp_path, protocol):
    whole = pickle.dumps((np.arange(5, dtype=np.float32), np.arange(3)), protocol)
    for end in range(len(whole)):
        with pytest.raises(DataError):
            read_arrays(written(tmp_path, whole[:end]), 2)


def test_a_pickle_cannot_change_what_the_next_one_gets(tmp_path):
    """BUILD gives the object before it attributes, also where that is a function or a class."""
    name = b"cnumpy.core.multiarray\n_reconstruct\n"
    spoil = b"\x80\x02(" + name + b"}(U\x0c__defaults__K\x07U\x04codeK\x01ubcnumpy\nndarray\nN}(U\x04bossK\x01u\x86bt."
    with pytest.raises(DataError):
        read_arrays(written(tmp_path, spoil), 2)
    from heartkit.frames import pickles

    for stand_in in pickles._ADMITTED.values():
        assert not hasattr(stand_in, "boss")
        assert not hasattr(stand_in, "code")
    assert len(read_arrays(written(tmp_path, PAIR), 2)) == 2


def test_only_stand_ins_are_admitted():
    from heartkit.frames import pickles

    assert all(one.__module__ == pickles.__name__ for one in pickles._ADMITTED.values())
