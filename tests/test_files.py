import errno
import hashlib
import json
import math
import os
import stat
from enum import Enum, StrEnum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit import files
from heartkit.errors import HeartkitError


class Interruption(BaseException):
    pass


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_file_appears_whole_and_leaves_nothing_else(tmp_path: Path):
    path = tmp_path / "new" / "metrics.json"
    with files.replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.name.endswith("metrics.json")
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert names(path.parent) == {"metrics.json"}


@pytest.mark.parametrize("stop", [ValueError("bad"), KeyboardInterrupt(), Interruption()])
def test_a_failing_body_leaves_the_old_file(tmp_path: Path, stop: BaseException):
    path = tmp_path / "model.keras"
    path.write_text("old")

    def fail() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise stop

    with pytest.raises(type(stop)):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == {"model.keras"}


def test_results_get_the_usual_permissions(tmp_path: Path):
    (tmp_path / "plain").write_text("")
    files.write_text(tmp_path / "atomic", "")
    assert stat.S_IMODE((tmp_path / "atomic").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_text_is_utf8_with_plain_line_ends(tmp_path: Path):
    files.write_text(tmp_path / "a.txt", "µV\n")
    assert (tmp_path / "a.txt").read_bytes() == "µV\n".encode()


def test_a_full_disk_is_a_clear_error(tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"old")

    def write() -> None:
        with files.replacing(tmp_path / "model.bin") as temporary:
            temporary.symlink_to("/dev/full")
            temporary.write_bytes(b"new")

    with pytest.raises(HeartkitError, match=r"model\.bin.*no space left.*Free some"):
        write()
    assert (tmp_path / "model.bin").read_bytes() == b"old"
    assert names(tmp_path) == {"model.bin"}


def test_a_full_disk_that_hdf5_reports_as_text_is_recognised(tmp_path: Path):
    with pytest.raises(HeartkitError, match="no space left"), files.writing(tmp_path / "model.keras"):
        raise OSError("Can't write data (file write failed: errno = 28, error message = 'No space left on device')")


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.EACCES, "not permitted"), (errno.EROFS, "not permitted"), (errno.EDQUOT, "no space"), (errno.EIO, "fault")],
)
def test_what_the_system_refuses_is_a_clear_error(tmp_path: Path, number: int, says: str):
    path = tmp_path / "a" / "b.json"
    with pytest.raises(HeartkitError, match=says) as caught, files.writing(path):
        raise OSError(number, os.strerror(number), str(tmp_path))
    assert repr(str(path)) in str(caught.value)


def test_a_file_in_the_way_of_a_folder_is_a_clear_error(tmp_path: Path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(HeartkitError, match="a file stands where a folder is needed"):
        files.write_text(tmp_path / "results" / "a.txt", "")
    with pytest.raises(HeartkitError, match="or a folder where a file is"):
        files.write_text(tmp_path, "")


def test_errors_about_other_things_pass_unchanged(tmp_path: Path):
    with pytest.raises(FileNotFoundError), files.replacing(tmp_path / "a.txt"):
        (tmp_path / "input.txt").read_text()
    with pytest.raises(PermissionError), files.writing(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "", "/elsewhere/input.txt")


def test_a_folder_is_replaced_whole(tmp_path: Path):
    path = tmp_path / "shards"
    for content in ("first", "second"):
        with files.replacing_folder(path) as temporary:
            (temporary / "deep").mkdir()
            (temporary / "deep" / content).write_text(content)
        assert names(path / "deep") == {content}
    assert names(tmp_path) == {"shards"}


def test_a_failing_body_leaves_the_old_folder(tmp_path: Path):
    path = tmp_path / "shards"
    path.mkdir()
    (path / "old").write_text("old")

    def interrupt() -> None:
        with files.replacing_folder(path) as temporary:
            (temporary / "new").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert names(path) == {"old"}
    assert names(tmp_path) == {"shards"}


def test_the_old_folder_returns_when_the_new_cannot_take_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, rename = tmp_path / "shards", Path.rename
    path.mkdir()
    (path / "old").write_text("old")

    def refuse_the_new(self: Path, target: Path) -> Path:
        if target == path and (self / "new").exists():
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(HeartkitError, match="fault"), files.replacing_folder(path) as temporary:
        (temporary / "new").write_text("new")
    assert names(path) == {"old"}
    assert names(tmp_path) == {"shards"}


class Format(Enum):
    INT8 = "int8"


class Word(StrEnum):
    FIXED = "fixed"


def test_json_knows_what_results_are_made_of(tmp_path: Path):
    value = {
        "array": np.arange(3, dtype=np.int64), "number": np.float32(0.5), "undefined": np.array([math.nan, math.inf]),
        "path": tmp_path, "format": Format.INT8, "word": Word.FIXED, 1: (1, None, True), "set": {"b", "a"},
        "unit": "µV",
    }  # fmt: skip
    files.write_json(tmp_path / "a.json", value)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "array": [0, 1, 2], "number": 0.5, "undefined": [None, None], "path": str(tmp_path), "format": "int8",
        "word": "fixed", "1": [1, None, True], "set": ["a", "b"], "unit": "µV",
    }  # fmt: skip


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None, max_examples=50)  # each example waits for the disk
@given(plain)
def test_plain_json_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: object):
    path = tmp_path_factory.getbasetemp() / "value.json"
    files.write_json(path, value)
    assert json.loads(path.read_text(encoding="utf-8")) == value


def test_the_sum_of_a_file_is_hashlibs(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"\0\1" * 100_000)
    assert files.sha256(tmp_path / "a") == hashlib.sha256(b"\0\1" * 100_000).hexdigest()
