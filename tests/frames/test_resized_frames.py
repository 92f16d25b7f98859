"""Preprocesses that change the size of frames, and stored frames of other classes, are said before anything is made."""

import numpy as np
import pytest

from heartkit.errors import ConfigError, DataError
from heartkit.factories import TaskFactory
from heartkit.frames.batches import Batches, FrameSet
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.stored import StoredFrames, save_frames
from heartkit.frames.strips import whole_leads
from heartkit.modes.data import TaskData
from heartkit.params import AugmentationParams, HKTrainParams
from heartkit.transforms.pipeline import build_augmentations
from heartkit.transforms.table import PreprocessFactory
from made_records import plain_record, stored


def data(preprocesses, **given) -> TaskData:
    params = HKTrainParams.read({"frame_size": 64, "sampling_rate": 100, "preprocesses": preprocesses} | given)
    return TaskData(params, TaskFactory.get("segmentation"), 0)


@pytest.fixture
def halving():
    """A preprocess of another package that resizes."""
    PreprocessFactory.register("halving", "heartkit.transforms.resizing:Resizing")
    yield {"name": "halving", "params": {"duration": 32}}
    PreprocessFactory.unregister("halving")


def test_a_preprocess_that_changes_the_frame_size_is_an_error(halving):
    with pytest.raises(ConfigError, match=r"frames of 64 samples into 32, but the model takes frame_size = 64"):
        data([{"name": "znorm"}, halving]).preprocess  # noqa: B018
    there_and_back = data([halving, {"name": "halving", "params": {"duration": 64}}]).preprocess
    assert there_and_back(np.zeros((2, 64, 1), np.float32)).shape == (2, 64, 1)


def test_an_augmentation_that_changes_the_frame_size_is_an_error_at_the_first_batch(tmp_path):
    strips = whole_leads(stored([plain_record("1")], tmp_path), [0], None)
    index = FrameIndex(*np.zeros((3, 9), np.int64))
    frames = FrameSet(
        "one",
        strips,
        index,
        64,
        lambda strips, index, size: (np.zeros((len(index), size, 1), np.float32), np.zeros((len(index), size))),
    )
    resizing = build_augmentations([AugmentationParams(name="resizing", params={"duration": 32})], 100)
    with pytest.raises(ConfigError, match=r"frames of 64 samples into 32, .* Leave 'resizing' out"):
        Batches([frames], 4, 0, lambda frames, answers, rng: (resizing(frames, rng), answers)).batch(0)


def test_stored_frames_with_more_classes_than_configured(tmp_path):
    one = data([], num_classes=3)
    classes = np.zeros((2, 64), np.int8)
    classes[1, 5] = 3
    kept = StoredFrames(np.zeros((2, 64, 1), np.float32), classes, np.arange(2))
    save_frames(tmp_path / "val", kept, one._facts("val"))
    with pytest.raises(DataError, match="hold class 3, but num_classes = 3"):
        one.frames("val", 10, None, tmp_path / "val")
    four = data([], num_classes=4)
    save_frames(tmp_path / "val", kept, four._facts("val"))
    assert np.array_equal(four.frames("val", 10, None, tmp_path / "val").answers, classes)
