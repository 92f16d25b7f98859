import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from heartkit.datasets.fetch import MOST_FAILURES, FetchReport, fetch
from heartkit.datasets.publisher import dataset_url, list_files
from heartkit.datasets.transfer import Patience
from heartkit.errors import ChecksumError, DownloadError, HeartkitError
from http_server import always, content, serving, write_sums

Download = Callable[..., FetchReport]


def test_everything_arrives_and_a_second_run_fetches_nothing(publisher: Path, tmp_path: Path, download: Download):
    here = tmp_path / "here"
    with serving(publisher.parents[1]) as server:
        report = download(server.url, here)
        assert content(here) == content(publisher)
        assert set(report.files) == set(content(publisher))
        assert set(report.files.values()) == {"fetched"}
        assert report.received == sum(map(len, content(publisher).values()))
        server.requests.clear()
        again = download(server.url, here)
        assert [name for name, _ in server.requests] == ["ludb/1.0.1/SHA256SUMS.txt"]
    assert set(again.files.values()) == {"present"}
    assert again.received == 0
    assert "14 files" in again.summary()
    assert "0 fetched (0 resumed), 14 already there" in again.summary()


def test_only_what_is_missing_or_differs_is_fetched(publisher: Path, tmp_path: Path, download: Download):
    here = tmp_path / "here"
    with serving(publisher.parents[1]) as server:
        download(server.url, here)
        (here / "data" / "1.dat").unlink()
        (here / "data" / "2.dat").write_bytes(b"other")
        (here / "notes.txt").write_text("mine")
        server.requests.clear()
        report = download(server.url, here)
        assert len(server.requests) == 3
    assert {path for path, how in report.files.items() if how == "fetched"} == {"data/1.dat", "data/2.dat"}
    assert (here / "notes.txt").read_text() == "mine"
    (here / "notes.txt").unlink()
    assert content(here) == content(publisher)


def test_a_missing_file_is_named_and_the_others_are_kept(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1], always("3.dat", "404")) as server:
        with pytest.raises(DownloadError, match=r"1 of 14 files .*data/3\.dat.*other 13 are kept.*answers 404"):
            download(server.url, tmp_path / "here")
        assert len(server.asked("3.dat")) == 1
    assert len(content(tmp_path / "here")) == 13


def test_a_server_that_fails_all_over_is_left_alone(publisher: Path, tmp_path: Path, quick: Patience):
    with serving(publisher.parents[1]) as server:
        files = list_files(f"{server.url}/ludb/1.0.1").files
    with serving(publisher.parents[1], lambda name, seen: "404") as server:
        with pytest.raises(DownloadError, match="The rest was not tried"):
            fetch(files, tmp_path / "here", f"{server.url}/ludb/1.0.1", jobs=1, progress=False, patience=quick)
        assert len(server.requests) == MOST_FAILURES


def test_force_fetches_all_and_keeps_the_old_until_the_new_is_verified(
    publisher: Path, tmp_path: Path, download: Download
):
    here = tmp_path / "here"
    with serving(publisher.parents[1]) as server:
        download(server.url, here)
        report = download(server.url, here, force=True)
    assert set(report.files.values()) == {"fetched"}
    with serving(publisher.parents[1], always("3.dat", "wrong")) as server, pytest.raises(ChecksumError):
        download(server.url, here, force=True)
    assert content(here) == content(publisher)


def test_a_list_that_leads_out_of_the_folder_fetches_nothing(publisher: Path, tmp_path: Path, download: Download):
    (publisher / "SHA256SUMS.txt").write_text(f"{'0' * 64} data/1.dat\n{'0' * 64} ../../escaped\n")
    with serving(publisher.parents[1]) as server:
        with pytest.raises(DownloadError, match=r"'\.\./\.\./escaped' could lead out"):
            download(server.url, tmp_path / "here")
        assert len(server.requests) == 1


def test_a_full_disk_ends_the_run_and_says_so(
    publisher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, download: Download
):
    really_open = Path.open

    def full_disk(self: Path, mode: str = "r", *args: object, **options: object) -> object:
        return really_open(
            Path("/dev/full") if self.name == "3.dat.part" and "a" in mode else self, mode, *args, **options
        )

    with serving(publisher.parents[1]) as server:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", full_disk)
            with pytest.raises(HeartkitError, match=r"3\.dat.*no space left.*Free some"):
                download(server.url, tmp_path / "here", jobs=1)
        assert not (tmp_path / "here" / "data" / "3.dat").exists()
        report = download(server.url, tmp_path / "here")
    assert {"fetched", "present"} == set(report.files.values())
    assert content(tmp_path / "here") == content(publisher)


def test_a_file_in_the_folders_place_is_a_clear_error(publisher: Path, tmp_path: Path, download: Download):
    (tmp_path / "here").write_text("a file")
    with serving(publisher.parents[1]) as server, pytest.raises(HeartkitError, match="a file stands where"):
        download(server.url, tmp_path / "here")


@pytest.mark.parametrize("stalled", [False, True])
def test_ctrl_c_stops_at_once_and_the_next_run_goes_on(
    publisher: Path, tmp_path: Path, stalled: bool, download: Download
):
    big, release = publisher / "data" / "1.dat", threading.Event()
    big.write_bytes(os.urandom(2_000_000))
    write_sums(publisher)

    def behave(name: str, seen: int) -> str:
        if stalled and name.endswith("2.dat") and not seen:
            release.wait(20)
        return "slow" if name.endswith("1.dat") and not seen else ""

    here, part = tmp_path / "here", tmp_path / "here" / "data" / "1.dat.part"
    with serving(publisher.parents[1], behave) as server:
        url = dataset_url("ludb", "1.0.1", server.url)
        code = (
            "from pathlib import Path; from heartkit.datasets.fetch import fetch; "
            "from heartkit.datasets.publisher import list_files; "
            f"fetch(list_files({url!r}).files, Path({str(here)!r}), {url!r}, progress=False)"
        )
        with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as run:
            try:
                wait_until(lambda: part.exists() and part.stat().st_size > 0 and bool(server.asked("2.dat")))
                pressed = time.monotonic()
                run.send_signal(signal.SIGINT)
                _, said = run.communicate(timeout=10)
                took = time.monotonic() - pressed
            finally:
                run.kill()
                release.set()
        arrived = part.stat().st_size
        assert 0 < arrived < 2_000_000
        report = download(server.url, here)
        assert server.asked("1.dat") == [None, f"bytes={arrived}-"]
    assert "KeyboardInterrupt" in said
    assert took < 3
    assert report.files["data/1.dat"] == "resumed"
    assert content(here) == content(publisher)


def wait_until(happens: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_threads_and_connections_end_with_the_run(publisher: Path, tmp_path: Path, download: Download):
    with serving(publisher.parents[1]) as server:
        before = threading.active_count()
        download(server.url, tmp_path / "here", jobs=8)
        wait_until(lambda: threading.active_count() <= before)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartkit-fetch")]


def test_real_recordings_arrive_as_they_are(shared_data: Path, tmp_path: Path, quick: Patience):
    with serving(shared_data, lambda name, seen: "cut" if name.endswith(".dat") and not seen else "") as server:
        listing = list_files(dataset_url("ludb", "1.0.1", server.url))
        files = [file for file in listing.files if file.path.split(".")[0] in ("data/1", "data/2", "ludb", "RECORDS")]
        report = fetch(files, tmp_path, listing.url, progress=False, patience=quick)
    assert {path for path, how in report.files.items() if how == "resumed"} == {"data/1.dat", "data/2.dat"}
    original = shared_data / "ludb" / "1.0.1"
    assert content(tmp_path) == {file.path: (original / file.path).read_bytes() for file in files}
