import re
import string
import subprocess
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.datasets.checksums import RemoteFile, is_safe, parse_sums
from heartkit.errors import DownloadError

SUM = "ab" * 32
sums = st.text("0123456789abcdef", min_size=64, max_size=64)
parts = st.text(string.ascii_letters + string.digits + "._- é()+", min_size=1, max_size=12).filter(
    lambda part: part == part.strip() and part not in (".", "..") and not part.endswith(".part")
)
paths = st.lists(parts, min_size=1, max_size=4).map("/".join).filter(lambda path: path != "SHA256SUMS.txt")


@settings(deadline=None)
@given(st.dictionaries(paths, sums, min_size=1), st.sampled_from([" ", "  ", " *"]), st.sampled_from(["\n", "\r\n"]))
def test_every_list_comes_back_in_order(files: dict[str, str], space: str, end: str):
    text = "".join(f"{digest}{space}{path}{end}" for path, digest in files.items())
    assert parse_sums(text) == [RemoteFile(path, digest) for path, digest in files.items()]


def test_what_sha256sum_writes_is_read(tmp_path: Path):
    (tmp_path / "100.dat").write_bytes(b"signal")
    for mode in ("--text", "--binary"):
        text = subprocess.run(["sha256sum", mode, "100.dat"], cwd=tmp_path, capture_output=True, text=True).stdout
        assert parse_sums(text) == [RemoteFile("100.dat", text[:64])]


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    try:
        files = parse_sums(text)
    except DownloadError:
        return
    assert files
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in files)


@settings(deadline=None)
@given(st.text("./\\:aC~ \0\n", min_size=1, max_size=12))
def test_a_safe_path_stays_in_its_folder_everywhere(path: str):
    if not is_safe(path):
        return
    for kind, folder in ((PurePosixPath, "/data/ludb"), (PureWindowsPath, "D:\\data\\ludb")):
        joined = kind(folder) / path
        assert joined.is_relative_to(folder)
        assert joined != kind(folder)
        assert ".." not in joined.parts


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/", "..", "..\\x", "C:\\x", "C:x", "a\0b", "a\x1bb"]
)
def test_a_path_that_leads_out_is_refused(path: str):
    with pytest.raises(DownloadError, match=r"line 2.*could lead out"):
        parse_sums(f"{SUM} good.dat\n{SUM} {path}\n")


@pytest.mark.parametrize("name", ["..data", "a..b/c", "~x", "data/1.hea", "ä/µ.csv", "Läsmich mit Raum.txt"])
def test_unusual_names_that_stay_inside_are_fine(name: str):
    assert parse_sums(f"{SUM} {name}") == [RemoteFile(name, SUM)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lists no file"),
        ("\n \n", "lists no file"),
        (f"{SUM} SHA256SUMS.txt", "lists no file"),
        ("<!DOCTYPE html>", "line 1.*log in"),
        (f"{SUM} a\n{SUM[:-1]} b", "line 2: expected"),
        (f"{SUM} a\n{'cd' * 32} a", "line 2: 'a' is listed with two different sums"),
        (f"{SUM} a\n{SUM} a.part", "lists 'a.part'"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(text: str, says: str):
    with pytest.raises(DownloadError, match=says):
        parse_sums(text)


def test_the_publishers_own_lists_are_read(shared_data: Path):
    for path in sorted(shared_data.glob("*/*/SHA256SUMS.txt")):
        files = parse_sums(path.read_text(), str(path))
        assert len(files) == len(path.read_text().splitlines())
        assert all((path.parent / file.path).is_file() for file in files)
