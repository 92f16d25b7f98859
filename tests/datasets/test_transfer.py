import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from heartkit.datasets.checksums import RemoteFile
from heartkit.datasets.fetch import FetchReport, fetch
from heartkit.datasets.transfer import Patience
from heartkit.errors import ChecksumError, DownloadError
from http_server import always, content, only, serving

Download = Callable[..., FetchReport]


def test_a_cut_connection_is_resumed_where_it_stopped(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1], only("3.dat", "cut", "cut", "cut", "cut")) as server:
        report = download(server.url, tmp_path / "here")
        asked = server.asked("3.dat")
    # Each answer brings half of what was missing, so more cuts than attempts are no reason to give up.
    assert asked == [None, "bytes=16000-", "bytes=24000-", "bytes=28000-", "bytes=30000-"]
    assert report.files["data/3.dat"] == "resumed"
    assert report.received == sum(map(len, content(publisher).values()))
    assert content(tmp_path / "here") == content(publisher)


def test_a_server_without_ranges_gives_the_whole_again(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1], only("3.dat", "cut", "cut"), ranges=False) as server:
        report = download(server.url, tmp_path / "here")
        assert server.asked("3.dat") == [None, "bytes=16000-", "bytes=16000-"]
    assert report.files["data/3.dat"] == "fetched"
    assert content(tmp_path / "here") == content(publisher)


def test_a_server_that_answers_another_range_is_asked_anew(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1], only("3.dat", "cut", "other range")) as server:
        download(server.url, tmp_path / "here")
        assert server.asked("3.dat") == [None, "bytes=16000-", None]
    assert content(tmp_path / "here") == content(publisher)


@pytest.mark.parametrize(
    ("left", "asked", "how"),
    [
        (slice(0, 10_000), ["bytes=10000-"], "resumed"),
        (slice(0, None), [], "resumed"),  # complete: only the verification was missing
        (b"x" * 10_000, ["bytes=10000-", None], "fetched"),  # of another version: found out by the sum
        (b"x" * 90_000, ["bytes=90000-", None], "fetched"),  # longer than the file: the server answers 416
    ],
)
def test_an_earlier_run_is_continued(
    publisher: Path, tmp_path: Path, left: slice | bytes, asked: list[str | None], how: str, download: Download
):
    whole, part = (publisher / "data" / "4.dat").read_bytes(), tmp_path / "here" / "data" / "4.dat.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(whole[left] if isinstance(left, slice) else left)
    with serving(publisher.parents[1]) as server:
        report = download(server.url, tmp_path / "here")
        assert server.asked("4.dat") == asked
    assert report.files["data/4.dat"] == how
    assert content(tmp_path / "here") == content(publisher)


@pytest.mark.parametrize("fault", ["500", "503", "429", "drop"])
def test_what_passes_is_waited_for(publisher: Path, tmp_path: Path, fault: str, download: Download):
    with serving(publisher.parents[1], lambda name, seen: fault if seen < 2 else "") as server:
        download(server.url, tmp_path / "here")
        assert len(server.asked("1.dat")) == 3
    assert content(tmp_path / "here") == content(publisher)


def test_a_silent_server_is_given_up(publisher: Path, tmp_path: Path):
    release = threading.Event()

    def behave(name: str, seen: int) -> str:
        if name.endswith("1.dat"):
            release.wait(5)
        return ""

    file = RemoteFile("data/1.dat", "0" * 64)
    with serving(publisher.parents[1], behave) as server:
        with pytest.raises(DownloadError, match=r"ReadTimeout.*2 attempts.*run the same command again"):
            fetch(
                [file], tmp_path / "here", f"{server.url}/ludb/1.0.1", progress=False, patience=Patience(2, 0.01, 0.2)
            )
        release.set()


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_attempts_are_bounded(publisher: Path, tmp_path: Path, fault: str, download: Download):
    with serving(publisher.parents[1], always("3.dat", fault)) as server:
        with pytest.raises(DownloadError, match=r"1 of 14 files .*data/3\.dat.*3 attempts"):
            download(server.url, tmp_path / "here")
        assert len(server.asked("3.dat")) == 3


def test_wrong_bytes_once_are_fetched_again_from_the_start(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1], only("3.dat", "wrong")) as server:
        download(server.url, tmp_path / "here")
        assert server.asked("3.dat") == [None, None]
    assert content(tmp_path / "here") == content(publisher)


def test_wrong_bytes_twice_are_an_error_and_the_others_are_kept(publisher: Path, tmp_path: Path, download: Download):
    right = (publisher / "data" / "3.dat").read_bytes()
    expected, got = hashlib.sha256(right).hexdigest(), hashlib.sha256(bytes(b ^ 1 for b in right)).hexdigest()
    with serving(publisher.parents[1], always("3.dat", "wrong")) as server:
        with pytest.raises(ChecksumError, match=rf"'data/3\.dat'.*expected SHA-256 {expected}, got {got}.*try again"):
            download(server.url, tmp_path / "here", jobs=1)
        assert len(server.asked("3.dat")) == 2
    assert content(tmp_path / "here") == {k: v for k, v in content(publisher).items() if k != "data/3.dat"}
