import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from heartkit.datasets.base import Dataset
from heartkit.errors import ChecksumError, ConfigError, DataError, DownloadError, UnknownNameError
from heartkit.factories import DatasetFactory
from heartkit.modes.download import download
from heartkit.params import HKDownloadParams
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo
from http_server import serving, write_sums


class Tiny(Dataset):
    """A dataset of the test's own, which leaves out its publisher's pictures."""

    name: ClassVar[str] = "tiny"
    title: ClassVar[str] = "Tiny"
    slug: ClassVar[str] = "tinydb"
    version: ClassVar[str] = "1.0.0"
    licence: ClassVar[str] = "ODC-By 1.0"
    citation: ClassVar[str] = "Nobody 2020"

    def listing(self) -> list[RecordInfo]:
        return []

    def read(self, record_id: str) -> Record:
        raise NotImplementedError

    def wanted(self, relative_path: str) -> bool:
        return not relative_path.endswith(".png")


class Generated(Tiny):
    name = "generated"
    slug = ""


@pytest.fixture(autouse=True)
def datasets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("HEARTKIT_PHYSIONET_URL", raising=False)
    kinds = {"tiny": Tiny, "generated": Generated}
    for name, kind in kinds.items():
        DatasetFactory.register(name, kind)
    yield
    for name in kinds:
        DatasetFactory.unregister(name)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    folder = tmp_path / "served" / "tinydb" / "1.0.0"
    (folder / "data").mkdir(parents=True)
    for number in range(3):
        (folder / "data" / f"{number}.dat").write_bytes(bytes([number]) * 5000)
    (folder / "figure.png").write_bytes(b"picture")
    write_sums(folder)
    return folder


def params(tmp_path: Path, *datasets: dict, **others: object) -> HKDownloadParams:
    return HKDownloadParams(
        job_dir=tmp_path / "job", datasets=list(datasets), progress=False, data_parallelism=2, **others
    )


def files_in(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_what_a_dataset_wants_arrives_and_is_recorded(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    here = tmp_path / "tiny"
    with serving(served.parents[1]) as server:
        monkeypatch.setenv("HEARTKIT_PHYSIONET_URL", server.url)
        result = download(params(tmp_path, {"name": "tiny", "path": here}))
    assert files_in(here) == {"data/0.dat", "data/1.dat", "data/2.dat", "SHA256SUMS.txt"}
    assert (here / "data" / "2.dat").read_bytes() == b"\2" * 5000
    (entry,) = result["datasets"]
    assert entry["received"] == 15_000
    assert entry["url"] == f"{server.url}/tinydb/1.0.0"
    sums = dict(line.split()[::-1] for line in (served / "SHA256SUMS.txt").read_text().splitlines())
    assert entry["files"] == {f"data/{n}.dat": {"sha256": sums[f"data/{n}.dat"], "how": "fetched"} for n in range(3)}
    assert json.loads((tmp_path / "job" / "download.json").read_text()) == {
        "datasets": [{**entry, "folder": str(here)}]
    }
    assert files_in(tmp_path / "job") == {
        "download.json", "download.config.json", "download.environment.json", "heartkit.log",
    }  # fmt: skip
    said = capsys.readouterr().err
    assert "3 fetched (0 resumed)" in said
    assert "Licence: ODC-By 1.0. Cite: Nobody 2020." in said


def test_force_fetches_what_is_there(served: Path, tmp_path: Path):
    with serving(served.parents[1]) as server:
        entry = {"name": "tiny", "path": tmp_path / "tiny", "params": {"base_url": server.url}}
        for force, received in ((False, 15_000), (False, 0), (True, 15_000)):
            (result,) = download(params(tmp_path, entry, force=force))["datasets"]
            assert result["received"] == received


def test_a_datasets_own_base_url_goes_before_the_environments(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HEARTKIT_PHYSIONET_URL", "http://127.0.0.1:9")
    with serving(served.parents[1]) as server:
        entry = {"name": "tiny", "path": tmp_path / "tiny", "params": {"base_url": server.url}}
        assert download(params(tmp_path, entry))["datasets"][0]["received"] == 15_000


def test_without_a_path_it_goes_to_the_datasets_folder(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    with serving(served.parents[1]) as server:
        download(params(tmp_path, {"name": "tiny", "params": {"base_url": server.url}}))
    assert (tmp_path / "project" / "datasets" / "tiny" / "data" / "1.dat").is_file()


def test_a_generated_dataset_says_that_there_is_nothing_to_fetch(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    result = download(params(tmp_path, {"name": "generated"}))
    assert result["datasets"][0]["files"] == {}
    assert "generated: nothing to download" in capsys.readouterr().err


def test_names_and_options_are_checked_before_anything_is_fetched(served: Path, tmp_path: Path):
    with serving(served.parents[1]) as server:
        good = {"name": "tiny", "path": tmp_path / "tiny", "params": {"base_url": server.url}}
        with pytest.raises(UnknownNameError, match="Did you mean 'tiny'"):
            download(params(tmp_path, good, {"name": "tinny"}))
        with pytest.raises(ConfigError, match="base_ulr"):
            download(params(tmp_path, good, {"name": "tiny", "params": {"base_ulr": server.url}}))
        with pytest.raises(ConfigError, match=r"No dataset is configured.*--set"):
            download(params(tmp_path))
        assert server.requests == []


def test_a_folder_that_cannot_be_used_stops_nothing_and_is_said_at_the_end(served: Path, tmp_path: Path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "dataset.json").write_text('{"fils": "*.csv"}')
    bad = [{"name": "folder", "path": tmp_path / name} for name in ("own", "nowhere")]
    with serving(served.parents[1]) as server:
        good = {"name": "tiny", "path": tmp_path / "tiny", "params": {"base_url": server.url}}
        with pytest.raises(DataError, match=r"(?s)'fils'.*nowhere does not exist"):
            download(params(tmp_path, *bad, good))
    assert "data/2.dat" in files_in(tmp_path / "tiny")
    (entry,) = json.loads((tmp_path / "job" / "download.json").read_text())["datasets"]
    assert entry["name"] == "tiny"


def test_what_was_complete_is_recorded_when_the_next_dataset_fails(served: Path, tmp_path: Path):
    def behave(name: str, seen: int) -> str:
        return "wrong" if name.endswith("1.dat") and seen else ""

    with serving(served.parents[1], behave) as server:
        entries = [{"name": "tiny", "path": tmp_path / n, "params": {"base_url": server.url}} for n in ("a", "b")]
        with pytest.raises(ChecksumError, match=r"data/1\.dat"):
            download(params(tmp_path, *entries))
    (entry,) = json.loads((tmp_path / "job" / "download.json").read_text())["datasets"]
    assert entry["folder"] == str(tmp_path / "a")
    assert files_in(tmp_path / "b") == {"data/0.dat", "data/2.dat"}
    assert "ChecksumError" in (tmp_path / "job" / "heartkit.log").read_text()


def test_a_server_with_nothing_of_use_says_so(served: Path, tmp_path: Path):
    for file in served.glob("data/*"):
        file.unlink()
    write_sums(served)
    with (
        serving(served.parents[1]) as server,
        pytest.raises(DownloadError, match="lists 1 files, none of which 'tiny'"),
    ):
        download(params(tmp_path, {"name": "tiny", "path": tmp_path / "x", "params": {"base_url": server.url}}))


def test_ludb_comes_readable_from_a_server_in_physionets_layout(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ludb = DatasetFactory.get("ludb")
    monkeypatch.setattr(ludb, "wanted", lambda self, path: path.split(".")[0] in ("data/1", "ludb", "RECORDS"))
    with serving(shared_data) as server:
        monkeypatch.setenv("HEARTKIT_PHYSIONET_URL", server.url)
        download(params(tmp_path, {"name": "ludb", "path": tmp_path / "ludb"}))
    fetched, original = ludb(tmp_path / "ludb").read("1"), ludb(shared_data / "ludb" / "1.0.1").read("1")
    assert (fetched.signals == original.signals).all()
    assert len(fetched.waves.onset) == len(original.waves.onset) > 0
