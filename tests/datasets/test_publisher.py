import os
from pathlib import Path

import pytest

from heartkit.datasets.publisher import dataset_url, list_files
from heartkit.datasets.transfer import Patience
from heartkit.errors import ConfigError, DownloadError
from http_server import serving


def test_refused_access_says_so(publisher: Path, quick: Patience):
    with serving(publisher.parents[1], lambda name, seen: "403") as server:
        with pytest.raises(DownloadError, match=r"refuses access \(403\).*account"):
            list_files(f"{server.url}/ludb/1.0.1", quick)
        assert len(server.requests) == 1


def test_a_dead_server_says_so(tmp_path: Path, quick: Patience):
    with serving(tmp_path) as server:
        pass
    with pytest.raises(DownloadError, match=r"ConnectError.*3 attempts.*base URL"):
        list_files(f"{server.url}/ludb/1.0.1", quick)


def test_the_publishers_list_is_kept_and_touched_only_if_it_changes(publisher: Path, tmp_path: Path):
    with serving(publisher.parents[1]) as server:
        listing = list_files(f"{server.url}/ludb/1.0.1")
    listing.keep(tmp_path)
    kept = tmp_path / "SHA256SUMS.txt"
    assert kept.read_bytes() == (publisher / "SHA256SUMS.txt").read_bytes()
    os.utime(kept, (1, 1))
    listing.keep(tmp_path)
    assert kept.stat().st_mtime == 1


def test_the_address_is_the_given_one_else_the_environments_else_physionet(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HEARTKIT_PHYSIONET_URL", raising=False)
    assert dataset_url("ludb", "1.0.1") == "https://physionet.org/files/ludb/1.0.1"
    monkeypatch.setenv("HEARTKIT_PHYSIONET_URL", "http://mirror.test/files/")
    assert dataset_url("ludb", "1.0.1") == "http://mirror.test/files/ludb/1.0.1"
    assert dataset_url("ludb", "1.0.1", "http://own.test:8000") == "http://own.test:8000/ludb/1.0.1"


@pytest.mark.parametrize(
    "base", ["physionet.org/files", "ftp://physionet.org", "file:///data", "http://", "http://[::"]
)
def test_a_base_url_that_is_none_is_refused(base: str):
    with pytest.raises(ConfigError, match="no http"):
        dataset_url("ludb", "1.0.1", base)
