import json
import logging
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from heartkit.errors import HeartkitError
from heartkit.job import Job

log = logging.getLogger("heartkit.tests.job")


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_job_records_what_it_was_asked_and_with_what_it_runs(tmp_path: Path):
    job = Job.open(tmp_path / "a" / "b", "train", {"epochs": 5, "path": Path("x"), "seed": 7}, seed=7)
    assert read(tmp_path / "a/b/train.config.json") == {"epochs": 5, "path": "x", "seed": 7}
    versions = read(job.environment)
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["packages"]["numpy"] == metadata.version("numpy")
    assert {"heartkit", "keras", "tensorflow", "ai-edge-litert", "tflite-micro"} <= set(versions["packages"])


def test_a_seed_is_drawn_where_none_is_given_and_repeats_the_run(tmp_path: Path):
    first = Job.open(tmp_path / "a", "train", {"seed": None})
    again = Job.open(tmp_path / "b", "train", {}, read(first.config)["seed"])
    assert again.seed == first.seed == read(again.config)["seed"]
    drawn = {Job.open(tmp_path / "c", "train", {}).seed for _ in range(5)}
    assert len(drawn) == 5
    assert all(0 <= seed < 2**31 for seed in drawn)


def test_modes_share_a_folder_and_touch_only_their_own_files(tmp_path: Path):
    job = Job.open(tmp_path, "train", {"lr_rate": 1}, 1)
    job.model.write_text("trained")
    Job.open(tmp_path, "evaluate", {"test_size": 2}, 2)
    assert read(job.config) == {"lr_rate": 1, "seed": 1}
    assert job.model.read_text() == "trained"
    assert read(tmp_path / "evaluate.config.json") == {"test_size": 2, "seed": 2}


def test_the_log_holds_what_is_said_while_the_job_is_open(tmp_path: Path):
    for mode in ("train", "evaluate"):
        with Job.open(tmp_path, mode, {}, 3) as job:
            log.info("fitting %s", mode)
        log.info("afterwards")
    text = job.log.read_text(encoding="utf-8")
    assert "train starts" in text
    assert text.index("fitting train") < text.index("fitting evaluate")
    assert "seed 3" in text
    assert "afterwards" not in text


def test_an_open_job_leaves_logging_as_it_was(tmp_path: Path):
    root = logging.getLogger("heartkit")
    before = (root.level, list(root.handlers))
    with Job.open(tmp_path, "train", {}):
        assert len(root.handlers) == len(before[1]) + 1
    assert (root.level, root.handlers) == before


def test_a_failure_passes_and_its_origin_stands_in_the_log(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), Job.open(tmp_path, "train", {}) as job:
        _ = 1 / 0
    text = job.log.read_text(encoding="utf-8")
    assert "train is ended" in text
    assert "test_job.py" in text


def test_ctrl_c_passes_and_is_logged(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), Job.open(tmp_path, "train", {}) as job:
        raise KeyboardInterrupt
    assert "by KeyboardInterrupt" in job.log.read_text(encoding="utf-8")


def test_a_disk_too_full_for_the_log_does_not_end_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    job = Job.open(tmp_path, "train", {})
    job.log.symlink_to("/dev/full")
    with job:
        log.info("something")
    assert capfd.readouterr().err == ""


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(HeartkitError, match=r"results.*a file stands where a folder is needed"):
        Job.open(tmp_path / "results", "train", {})


def test_opening_a_job_imports_no_framework(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from heartkit.job import Job; "
        f"Job.open(Path({str(tmp_path)!r}), 'train', {{}}); "
        "print([name for name in ('keras', 'tensorflow', 'numpy', 'tflite_micro') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
