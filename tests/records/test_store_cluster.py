"""Preparing on a Ray cluster of two nodes: the same bytes, and a worker that is killed loses and doubles nothing."""

import hashlib
import os
import socket
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from dying_writers import MOMENTS, RECORDS, USABLE, DyingWriter, LoggingSource, LyingWriter
from heartkit.cli import main
from heartkit.errors import ConfigError, DataError
from heartkit.records import cluster as on_cluster
from heartkit.records import shards
from heartkit.records.shards import ShardWriter, source_state
from heartkit.records.store import prepare
from made_records import MadeSource

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")


def sums(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.arrow")}


@pytest.mark.slow
def test_a_cluster_writes_the_bytes_that_one_process_writes(two_nodes: str, tmp_path: Path) -> None:
    source = LoggingSource(RECORDS, tmp_path)
    store = prepare(source, 100, tmp_path / "cluster", progress=False, cluster=two_nodes)
    assert store.ids == USABLE
    assert list(store.skipped) == ["7"]
    assert sorted(line[0] for line in source.lines()) == sorted(map(str, range(13)))
    assert len({line[2] for line in source.lines()}) == 2, "both nodes read"
    prepare(MadeSource(RECORDS), 100, tmp_path / "here", progress=False)
    assert len(sums(tmp_path / "here")) == 7
    assert {file: one for file, one in sums(tmp_path / "cluster").items() if file[0] != "."} == sums(tmp_path / "here")
    before = len(source.lines())
    assert prepare(source, 100, tmp_path / "cluster", progress=False, cluster="127.0.0.1:1").ids == USABLE
    assert len(source.lines()) == before, "what is prepared needs no cluster"


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_worker_of_a_cluster_loses_and_doubles_nothing(
    two_nodes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr("heartkit.records.store.ShardWriter", DyingWriter)
    source = LoggingSource(RECORDS, tmp_path)
    source.poison.write_text(f"{moment} 3")
    assert prepare(source, 100, tmp_path / "cache", progress=False, cluster=two_nodes).ids == USABLE
    assert not source.poison.exists(), "a worker did die"


@pytest.mark.slow
def test_a_run_goes_on_after_its_worker_was_lost_for_good(
    two_nodes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heartkit.records.store.ShardWriter", DyingWriter)
    monkeypatch.setattr(on_cluster, "RETRIES", 0)
    source = LoggingSource(RECORDS, tmp_path)
    source.poison.write_text("half written 2")
    with pytest.raises(DataError, match=r"prepared 'made' was lost.*What is prepared is kept: run this again"):
        prepare(source, 100, tmp_path / "cache", progress=False, cluster=two_nodes)
    landed = {int(file[6:11]) for file in sums(tmp_path / "cache") if file[0] != "."}
    assert 2 not in landed
    source.log.write_text("")
    assert prepare(source, 100, tmp_path / "cache", progress=False, cluster=two_nodes).ids == USABLE
    assert {int(line[0]) // 2 for line in source.lines()} == set(range(7)) - landed


@pytest.mark.slow
def test_a_folder_that_is_not_shared_is_named(two_nodes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heartkit.records.store.ShardWriter", LyingWriter)
    monkeypatch.setattr("heartkit.records.store.LANDING_SECONDS", 0.1)
    with pytest.raises(DataError, match=r"wrote shard-0000\d\.arrow, but it did not appear in .*must share"):
        prepare(MadeSource(RECORDS), 100, tmp_path, progress=False, cluster=two_nodes)


@pytest.mark.slow
def test_errors_of_workers_arrive_as_they_are(two_nodes: str, tmp_path: Path) -> None:
    class Elsewhere(MadeSource):
        def fingerprint(self) -> str:
            return str(os.getpid())

    with pytest.raises(DataError, match=r"sees other files of dataset 'made'.*same heartkit on each\.$"):
        prepare(Elsewhere(RECORDS), 100, tmp_path, progress=False, cluster=two_nodes)


@pytest.mark.slow
def test_code_that_a_node_lacks_is_named(two_nodes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_here = ModuleType("only_here")
    monkeypatch.setitem(sys.modules, "only_here", only_here)
    exec("from made_records import MadeSource\nclass Mine(MadeSource): pass", vars(only_here))
    with pytest.raises(DataError, match=r"No module named 'only_here'\. Each node needs the same heartkit"):
        prepare(only_here.Mine(RECORDS), 100, tmp_path, progress=False, cluster=two_nodes)


def test_a_worker_checks_that_it_sees_what_the_asking_machine_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = MadeSource(RECORDS)
    writer = ShardWriter(source, 100, tmp_path / "cache").abroad()
    piece = (0, source.listing()[:2])
    with pytest.raises(DataError, match=r"does not see the folder for prepared recordings, .*cache_dir"):
        writer(piece)
    (tmp_path / "cache").mkdir()
    source.state = "a file was changed"
    with pytest.raises(DataError, match="other files"):
        writer(piece)
    source.state = ""
    monkeypatch.setattr(shards, "code_state", lambda: "older")
    with pytest.raises(DataError, match="another version of heartkit"):
        writer(piece)
    monkeypatch.undo()
    assert writer(piece) == 0
    assert source_state(source) == writer.state


def test_what_was_left_half_written_long_ago_is_deleted(tmp_path: Path) -> None:
    source = MadeSource(RECORDS)
    prepare(source, 100, tmp_path, progress=False)
    [folder] = tmp_path.iterdir()
    (folder / "shard-00004.arrow").unlink()
    old, new = folder / ".0a-shard-00004.arrow", folder / ".0b-shard-00004.arrow"
    for file in (old, new):
        file.touch()
    os.utime(old, (time.time() - 2 * shards.ABANDONED_SECONDS,) * 2)
    assert prepare(source, 100, tmp_path, progress=False).ids == USABLE
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("address", ["somewhere", "local", ":6379", "host:", "ray://host", "127.0.0.1:99999999"])
def test_what_is_no_address_is_said_so(tmp_path: Path, address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(ConfigError, match=r"cluster = .*expected HOST:PORT"):
        prepare(MadeSource(RECORDS), 100, tmp_path, progress=False, cluster=address)


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_ends_the_command_soon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    words = ['datasets=[{"name": "ecg-synthetic", "params": {"num_pts": 4}}]', f"cache_dir={tmp_path}"]
    settings = [part for word in [*words, f"job_dir={tmp_path / 'job'}"] for part in ("--set", word)]
    config = str(Path(__file__).parents[2] / "configs" / "demo.json")
    assert main(["train", "-t", "segmentation", "-c", config, *settings, "--cluster", address]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"cluster = '{address}': nothing answers there" in said
    assert "ray start --head" in said


def test_without_ray_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install heartkit\[ray\]"):
        prepare(MadeSource(RECORDS), 100, tmp_path, progress=False, cluster="auto")
    assert prepare(MadeSource(RECORDS), 100, tmp_path, progress=False).ids == USABLE
