"""What all datasets share: errors of one record, the fingerprint, the folder, options."""

import subprocess
import sys
import textwrap
from typing import ClassVar

import pytest

from heartkit.datasets.base import Dataset, DatasetOptions, folder_state
from heartkit.errors import DatasetMissingError, HeartkitError, RecordError
from heartkit.records.source import RecordInfo
from made_records import plain_record


class LoudOptions(DatasetOptions):
    """One more option."""

    gain: float = 1.0


class Loud(Dataset):
    """Reads records, or raises what it is told to."""

    name = "loud"
    Options = LoudOptions
    trouble: ClassVar[dict[str, BaseException]] = {}

    def listing(self):
        return [RecordInfo("1", "1")]

    def read(self, record_id):
        if record_id in self.trouble:
            raise self.trouble[record_id]
        return plain_record(record_id)


@pytest.mark.parametrize(
    "error",
    [OSError(5, "I/O"), ValueError("torn"), KeyError("fs"), IndexError("x"), TypeError("None"), AttributeError("y"),
     UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), MemoryError()],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_whatever_a_broken_file_does_to_a_reader_is_that_records_error(tmp_path, monkeypatch, error):
    monkeypatch.setattr(Loud, "trouble", {"2": error})
    first, second, third = Loud(tmp_path).read_many(["1", "2", "3"])
    assert (first.id, third.id) == ("1", "3")
    assert isinstance(second, RecordError)
    assert str(second).startswith(f"Record '2' cannot be read: {type(error).__name__}: ")


def test_a_record_error_is_kept_as_it_is_and_others_end_the_run(tmp_path, monkeypatch):
    said = RecordError("Record '1': no marks.")
    monkeypatch.setattr(Loud, "trouble", {"1": said, "2": KeyboardInterrupt(), "3": HeartkitError("no space left")})
    assert Loud(tmp_path).read_many(["1"]) == [said]
    for number, kind in (("2", KeyboardInterrupt), ("3", HeartkitError)):
        with pytest.raises(kind):
            Loud(tmp_path).read_many([number])


def test_the_fingerprint_changes_with_files_and_reading_options_only(tmp_path):
    (tmp_path / "a.dat").write_bytes(b"one")
    first = Loud(tmp_path).fingerprint()
    assert Loud(tmp_path).fingerprint() == first
    same = {"leads": ["I"], "splits": ["train"], "base_url": "http://elsewhere"}
    assert Loud(tmp_path, same).fingerprint() == first, "these change nothing about what is read"
    assert Loud(tmp_path, {"gain": 2.0}).fingerprint() != first
    (tmp_path / "a.dat").write_bytes(b"longer")
    assert Loud(tmp_path).fingerprint() != first


def test_the_fingerprint_changes_with_the_reader_and_what_it_is_derived_from(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    source = "from heartkit.datasets.base import Dataset\nclass {}({}):\n    name = 'x'\n    read = listing = None\n"
    prints = []
    for text in ("", "# another reader\n"):
        (tmp_path / "base_reader.py").write_text(source.format("Base", "Dataset") + text)
        (tmp_path / "derived_reader.py").write_text("from base_reader import Base\nclass Derived(Base):\n    pass\n")
        code = "from derived_reader import Derived; print(Derived('.').fingerprint().split()[1])"
        done = subprocess.run(
            [sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        prints.append(done.stdout)
    assert prints[0] != prints[1]


def test_a_class_typed_into_an_interpreter_is_never_taken_for_an_older_one(tmp_path):
    code = textwrap.dedent("""
        from pathlib import Path
        from heartkit.datasets.base import Dataset
        class Typed(Dataset):
            name = "typed"
            read = listing = None
        print(Typed(Path(".")).fingerprint())
    """)
    prints = {
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(prints) == 2


def test_the_state_of_a_folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.dat").write_bytes(b"abc")
    before = folder_state(tmp_path)
    (tmp_path / "a.dat.part").write_bytes(b"half a download")
    (tmp_path / "SHA256SUMS.txt").write_text("sums")
    (tmp_path / "gone.dat").symlink_to(tmp_path / "nowhere")
    assert folder_state(tmp_path) == before
    (tmp_path / "deep" / "a.dat").rename(tmp_path / "deep" / "b.dat")
    assert folder_state(tmp_path) != before
    assert folder_state(tmp_path / "nowhere") == folder_state(tmp_path / "deep" / "nothing")


def test_what_a_folder_must_hold(tmp_path):
    dataset = Loud(tmp_path)
    dataset.require_folder()
    (tmp_path / "table.csv").touch()
    dataset.require_folder("table.csv")
    with pytest.raises(DatasetMissingError, match=r"'loud' is not here: .*signals does not exist. Fetch it with"):
        dataset.require_folder("table.csv", "signals")
    with pytest.raises(DatasetMissingError, match=r"the folder .*elsewhere does not exist"):
        Loud(tmp_path / "elsewhere").require_folder()
