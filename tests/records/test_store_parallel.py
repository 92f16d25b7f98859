"""Preparing with several processes: the same bytes, no script run twice, a killed worker loses only its shard."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from dying_writers import MOMENTS, RECORDS, USABLE, DyingWriter, LoggingSource
from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.errors import DataError
from heartkit.records.store import prepare
from made_records import MadeSource, MortalSource, plain_record

SCRIPT = """
import sys
from pathlib import Path
from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.records.store import prepare

print("the script runs")

class Mine(EcgSynthetic):
    records_per_shard = 2

source = Mine(Path("nowhere"), {"num_pts": 6})
store = prepare(source, 100, Path(sys.argv[1]), jobs=2, progress=False)
print(len(store), "records")
"""


def sums(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.arrow")}


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_worker_loses_only_its_own_shard(tmp_path):
    poison = tmp_path / "poison"
    poison.touch()
    records = [plain_record(str(n)) for n in range(6)]
    source = MortalSource(records, poison)
    with pytest.raises(DataError, match=r"was killed.*run this again, or with data_parallelism below 2"):
        prepare(source, 100, tmp_path / "cache", 2, progress=False)
    assert "shard-00001.arrow" not in sums(tmp_path)
    landed = len(sums(tmp_path))
    poison.unlink()
    assert len(prepare(source, 100, tmp_path / "cache", 1, progress=False)) == 6
    assert len(source.reads) == 6 - 2 * landed


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize(
    ("moment", "shard"),
    [("half written", 0), *(pytest.param(one, 6, marks=pytest.mark.slow) for one in MOMENTS)],
)
def test_a_killed_process_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, shard: int
) -> None:
    monkeypatch.setattr("heartkit.records.store.ShardWriter", DyingWriter)
    source = LoggingSource(RECORDS, tmp_path)
    source.poison.write_text(f"{moment} {shard}")
    with pytest.raises(DataError, match="was killed"):
        prepare(source, 100, tmp_path / "cache", 2, progress=False)
    landed = {int(file[6:11]) for file in sums(tmp_path / "cache") if file[0] != "."}
    assert (shard in landed) == (moment == "landed")
    source.log.write_text("")
    assert prepare(source, 100, tmp_path / "cache", 2, progress=False).ids == USABLE
    assert {int(line[0]) // 2 for line in source.lines()} == set(range(7)) - landed


@pytest.mark.slow
def test_a_plain_script_may_prepare_with_two_processes(tmp_path):
    """It has no ``if __name__ == "__main__"``, and a dataset class of its own; the bytes are those of one process."""
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(tmp_path / "two")], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["the script runs", "6 records", ""]
    made = EcgSynthetic(tmp_path, {"num_pts": 6}).read_many([str(n) for n in range(6)])
    prepare(MadeSource(made), 100, tmp_path / "one", 1, progress=False)
    assert len(sums(tmp_path / "two")) == 3
    assert sums(tmp_path / "one") == sums(tmp_path / "two")
