"""Stored frames: what was kept comes back, for a run with the same parameters only; pickles of earlier generations."""

import errno
import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest

from heartkit.errors import DataError, HeartkitError
from heartkit.frames.stored import StoredFrames, load_frames, save_frames

FACTS = {"task": "segmentation", "split": "val", "sampling_rate": 100, "class_map": {"0": 0, "1": 1},
         "preprocesses": [{"name": "znorm", "params": {"eps": 0.1}}]}  # fmt: skip
SHAPE = (16, 1)


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    signals = rng.standard_normal((10, *SHAPE)).astype(np.float32)
    return StoredFrames(signals, rng.integers(-1, 4, (10, 16)).astype(np.int8), np.arange(10) // 2)


@pytest.mark.parametrize("name", ["val.npz", "val.pkl", "val"])
def test_round_trip_whatever_the_file_is_called(tmp_path, frames, name):
    path = tmp_path / "deep" / name
    save_frames(path, frames, FACTS)
    back = load_frames(path, FACTS, SHAPE)
    for column in ("frames", "answers", "patients"):
        was, now = getattr(frames, column), getattr(back, column)
        assert np.array_equal(was, now)
        assert was.dtype == now.dtype
    assert [file.name for file in path.parent.iterdir()] == [name]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("split", "test", "split = 'val'; it is 'test' now"),
        ("sampling_rate", 250, "sampling_rate = 100; it is 250 now"),
        ("class_map", {"0": 0, "1": 2}, r"class_map = {'0': 0, '1': 1}; it is {'0': 0, '1': 2} now"),
        ("preprocesses", [], r"preprocesses = \[{.*znorm.*}\]; it is \[\] now"),
        ("seed", 3, "seed = None; it is 3 now"),
    ],
)
def test_other_parameters_are_named(tmp_path, frames, key, value, said):
    save_frames(tmp_path / "val", frames, FACTS)
    with pytest.raises(DataError, match=rf"were made with {said}\. Set it back, name another file, or delete"):
        load_frames(tmp_path / "val", FACTS | {key: value}, SHAPE)


def test_another_frame_size_is_named(tmp_path, frames):
    save_frames(tmp_path / "val", frames, FACTS)
    with pytest.raises(DataError, match=r"shape \(10, 16, 1\) .* expected \(n, 32, 1\) with n answers.*frame_size"):
        load_frames(tmp_path / "val", FACTS, (32, 1))


@pytest.mark.parametrize("changes", [
    {"answers": np.zeros((9, 16), int)}, {"patients": np.arange(3)}, {"answers": np.zeros((), int)},
])  # fmt: skip
def test_arrays_that_do_not_belong_together(tmp_path, frames, changes):
    save_frames(tmp_path / "val", StoredFrames(**(vars(frames) | changes)), FACTS)
    with pytest.raises(DataError, match=r"have shape .* with answers of shape"):
        load_frames(tmp_path / "val", FACTS, SHAPE)


@pytest.mark.parametrize("changes", [
    {"frames": np.zeros((10, 16, 1), "U3")}, {"answers": np.zeros((10, 16), "U3")},
    {"answers": np.full((10, 16), 0.5)}, {"answers": np.full((10, 16), np.nan)}, {"patients": np.full(10, "a")},
    {"frames": np.zeros((10, 16, 1), complex)},
])  # fmt: skip
def test_arrays_of_another_kind(tmp_path, frames, changes):
    save_frames(tmp_path / "val", StoredFrames(**(vars(frames) | changes)), FACTS)
    with pytest.raises(DataError, match=r"val cannot be read: .*Delete the file"):
        load_frames(tmp_path / "val", FACTS, SHAPE)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers(tmp_path, frames, bad):
    frames.frames[3, 4] = bad
    save_frames(tmp_path / "val", frames, FACTS)
    with pytest.raises(DataError, match="hold NaN or infinity"):
        load_frames(tmp_path / "val", FACTS, SHAPE)


def test_an_archive_that_is_cut_off_anywhere(tmp_path, frames):
    save_frames(tmp_path / "whole", frames, FACTS)
    whole = (tmp_path / "whole").read_bytes()
    for end in [*range(0, 40), *range(40, len(whole), 37)]:
        (tmp_path / "cut").write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"cut (cannot be read|does not hold)"):
            load_frames(tmp_path / "cut", FACTS, SHAPE)


def test_an_archive_with_a_wrong_byte_anywhere_is_refused_or_the_same(tmp_path, frames):
    save_frames(tmp_path / "whole", frames, FACTS)
    whole = (tmp_path / "whole").read_bytes()
    for at in range(2, len(whole), 11):
        (tmp_path / "bad").write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            back = load_frames(tmp_path / "bad", FACTS, SHAPE)
        except DataError:
            continue
        assert np.array_equal(back.frames, frames.frames)
        assert np.array_equal(back.answers, frames.answers)


def archive(**members: object) -> bytes:
    """A NumPy archive with an object array, or with what is given as text."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            part = io.BytesIO()
            np.save(part, content, allow_pickle=True)
            file.writestr(f"{name}.npy", part.getvalue())
    return buffer.getvalue()


class Touches:
    def __init__(self, flag) -> None:
        self.flag = flag

    def __reduce__(self):
        return os.system, (f"touch {self.flag}",)


def test_an_archive_with_a_pickle_in_it_is_refused_and_nothing_is_run(tmp_path, frames):
    flag, facts = tmp_path / "ran", np.frombuffer(json.dumps(FACTS).encode(), np.uint8)
    hostile = np.array([Touches(flag)], object)
    for member in ("frames", "answers", "patients", "made_with"):
        members = vars(frames) | {"made_with": facts} | {member: hostile}
        (tmp_path / "val").write_bytes(archive(**members))
        with pytest.raises(DataError, match="allow_pickle=False"):
            load_frames(tmp_path / "val", FACTS, SHAPE)
        assert not flag.exists()


def test_an_archive_of_something_else(tmp_path, frames):
    facts = np.frombuffer(json.dumps(FACTS).encode(), np.uint8)
    for members in ({"x": np.zeros(3)}, {"made_with": facts}, vars(frames) | {"made_with": np.zeros(3, np.uint8)},
                    vars(frames) | {"made_with": np.frombuffer(b"[1]", np.uint8)}):  # fmt: skip
        (tmp_path / "val").write_bytes(archive(**members))
        with pytest.raises(DataError, match="cannot be read"):
            load_frames(tmp_path / "val", FACTS, SHAPE)


def test_an_absent_file_and_a_folder(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            load_frames(path, FACTS, SHAPE)


def test_a_full_disk_leaves_the_old_file(tmp_path, frames, monkeypatch):
    path = tmp_path / "val"
    save_frames(path, frames, FACTS)
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(HeartkitError, match="no space left"):
        save_frames(path, frames, FACTS)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("form", ["answers", "float classes", "one-hot", "classes with an axis"])
def test_pickles_of_earlier_generations(tmp_path, frames, protocol, form):
    classes = frames.answers.clip(0).astype(np.int32)
    answers = {
        "answers": classes,
        "float classes": classes.astype(np.float32),
        "one-hot": np.eye(4, dtype=np.float32)[classes],
        "classes with an axis": classes[..., None],
    }[form]
    path = tmp_path / "val.pkl"
    path.write_bytes(pickle.dumps((frames.frames.astype(np.float64), answers), protocol))
    back = load_frames(path, FACTS, SHAPE)
    assert np.array_equal(back.frames, frames.frames)
    assert back.frames.dtype == np.float32
    assert np.array_equal(back.answers, classes)
    assert back.answers.dtype.kind == "i"
    assert back.patients.tolist() == list(range(10)), "nobody knows whose they are"


def test_a_pickle_of_one_class_per_frame(tmp_path, frames):
    path = tmp_path / "val.pkl"
    path.write_bytes(pickle.dumps((frames.frames, np.arange(10) % 3)))
    assert load_frames(path, FACTS, SHAPE).answers.tolist() == [n % 3 for n in range(10)]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (np.zeros((9, 16), int), "have shape"),
        (np.full((10, 16), 0.25), "not whole numbers"),
        (np.full((10, 16), np.nan), "not whole numbers"),
        (np.zeros((10, 16, 1, 2), int), "cannot reshape"),
    ],
)
def test_a_pickle_whose_answers_do_not_fit(tmp_path, frames, answers, said):
    path = tmp_path / "val.pkl"
    path.write_bytes(pickle.dumps((frames.frames, answers)))
    with pytest.raises(DataError, match=said):
        load_frames(path, FACTS, SHAPE)
