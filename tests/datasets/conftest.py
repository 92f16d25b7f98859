"""What the tests of downloading share: a tiny publisher, and how it is fetched from."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from heartkit.datasets.fetch import FetchReport, fetch
from heartkit.datasets.publisher import dataset_url, list_files
from heartkit.datasets.transfer import Patience
from http_server import write_sums


@pytest.fixture
def quick() -> Patience:
    return Patience(attempts=3, pause=0.01, timeout=2.0)


@pytest.fixture
def publisher(tmp_path: Path) -> Path:
    """A folder in LUDB's layout, with tiny files."""
    folder = tmp_path / "served" / "ludb" / "1.0.1"
    (folder / "data").mkdir(parents=True)
    for number in range(1, 7):
        (folder / "data" / f"{number}.dat").write_bytes(hashlib.sha256(bytes([number])).digest() * 1000)
        (folder / "data" / f"{number}.hea").write_text(f"{number} 12 500 5000\n")
    (folder / "RECORDS").write_text("".join(f"data/{number}\n" for number in range(1, 7)))
    (folder / "empty file.txt").write_text("")
    write_sums(folder)
    return folder


@pytest.fixture
def download(quick: Patience) -> Callable[..., FetchReport]:
    """Fetch what the tiny publisher lists."""

    def fetch_all(base: str, folder: Path, jobs: int = 3, force: bool = False) -> FetchReport:
        url = dataset_url("ludb", "1.0.1", base)
        files = list_files(url, quick).files
        return fetch(files, folder, url, jobs=jobs, force=force, progress=False, patience=quick)

    return fetch_all
