"""From a configuration's datasets to frames of one split: who is in it, what does not fit, what is said then."""

from typing import ClassVar

import numpy as np
import pytest

from heartkit.datasets.base import Dataset
from heartkit.errors import ConfigError, NoRecordsError, UnknownNameError
from heartkit.factories import DatasetFactory
from heartkit.frames.drawing import frame_sets
from heartkit.frames.framing import WaveFrames
from heartkit.frames.sources import dataset_folder, dataset_splits, open_dataset, open_datasets, require_fit
from heartkit.params import DatasetParams, HKTestParams, HKTrainParams
from heartkit.records.record import Spans
from heartkit.records.source import RecordInfo
from heartkit.tasks.segmentation import TASK
from made_records import plain_record


class Halves(Dataset):
    """Twenty patients with a record of 3 s each; the even ones are published as test patients."""

    name = "halves"
    provides = frozenset({"waves"})
    published_splits = frozenset({"test"})
    waves_known: ClassVar[bool] = True

    def listing(self):
        return [RecordInfo(str(n), f"p{n}", None if n % 2 else "test") for n in range(20)]

    def read(self, record_id):
        record = plain_record(record_id, samples=300, leads=("I", "II"))
        if self.waves_known:
            return record
        return type(record)(
            **{f: getattr(record, f) for f in record.__dataclass_fields__} | {"annotated": Spans.empty()}
        )

    def fingerprint(self):
        return f"{self.waves_known}"


class Beats(Halves):
    """One that knows no waves."""

    name = "beats"
    provides = frozenset({"beats"})


@pytest.fixture(autouse=True)
def registered():
    DatasetFactory.register("halves", Halves)
    DatasetFactory.register("beats", Beats)
    yield
    DatasetFactory.unregister("halves")
    DatasetFactory.unregister("beats")


@pytest.fixture
def settings(tmp_path):
    def made(*datasets, kind=HKTrainParams, **given):
        listed = [DatasetParams.read({"path": str(tmp_path)} | one) for one in datasets]
        fixed = {"datasets": listed, "sampling_rate": 100, "cache_dir": tmp_path / "cache", "data_parallelism": 1}
        return kind(**(fixed | given))

    return made


def opened(settings):
    return open_datasets(settings, WaveFrames.needs, "segmentation", progress=False)


def groups_of(settings):
    dataset = open_dataset(settings.datasets[0])
    return dataset_splits(dataset, dataset.listing(), settings)


def drawn(prepared, split="train", size=50, per_patient=4, seed=0):
    return frame_sets(prepared, TASK.cutter({n: n for n in range(8)}), split, size, per_patient, seed)


def patients(prepared, split) -> set[int]:
    return {int(prepared.store.patients[record][1:]) for record in prepared.records(split)}


def test_a_dataset_is_listed_once_to_be_prepared_and_split(settings, monkeypatch):
    calls = []
    monkeypatch.setattr(Beats, "listing", lambda self: calls.append(self) or Halves.listing(self), raising=False)
    monkeypatch.setattr(Beats, "provides", frozenset({"waves"}))
    [beats] = opened(settings({"name": "beats"}))
    assert len(calls) == 1
    assert sum(map(len, beats.groups.values())) == len(beats.store) == 20


def test_records_of_a_split(settings):
    [halves] = opened(settings({"name": "halves"}))
    assert patients(halves, "test") == set(range(0, 20, 2))
    assert patients(halves, "train") | patients(halves, "val") == set(range(1, 20, 2))
    assert not patients(halves, "train") & patients(halves, "val")
    assert patients(halves, "all") == set(range(20))


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        # All patients are in the split that is named, but those that the publisher put elsewhere.
        (["train"], {"train": set(range(1, 20, 2)), "val": set(), "test": set()}),
        (["val"], {"train": set(), "val": set(range(1, 20, 2)), "test": set()}),
        (["test"], {"train": set(), "val": set(), "test": set(range(20))}),
    ],
)
def test_a_dataset_for_one_split_only(settings, splits, expected):
    one = settings({"name": "halves", "params": {"splits": splits}})
    groups = groups_of(one)
    assert {name: {int(p[1:]) for p in group} for name, group in groups.items()} == expected


def test_a_dataset_for_two_splits_only(settings):
    one = settings({"name": "halves"}, val_patients=3)
    two = settings({"name": "halves", "params": {"splits": ["train", "val"]}}, val_patients=3)
    whole, part = map(groups_of, (one, two))
    assert part == whole | {"test": []}
    assert len(part["val"]) == 3


def test_the_validation_patients_are_the_same_in_every_mode(settings):
    train, test = settings({"name": "halves"}), settings({"name": "halves"}, kind=HKTestParams)
    assert groups_of(train) == groups_of(test)


def test_frames_of_a_split(settings):
    [halves] = prepared = opened(settings({"name": "halves", "weight": 0.5}))
    [frames] = drawn(prepared)
    assert (frames.name, frames.weight, len(frames)) == ("halves", 0.5, 4 * len(patients(halves, "train")))
    signals, targets = frames.frames(slice(None))
    assert signals.shape == (len(frames), 50, 1)
    assert targets.shape == (len(frames), 50)
    # Every sample's value says whose it is.
    assert set((signals[:, 0, 0] // 10_000).astype(int)) == patients(halves, "train")
    [again] = drawn(prepared)
    assert np.array_equal(again.frames(slice(None))[0], signals)
    for other in (drawn(prepared, seed=1), drawn(prepared, "all")):
        assert not np.array_equal(other[0].frames(slice(None))[0][: len(signals)], signals)


def test_only_the_leads_that_are_asked_for(settings):
    prepared = opened(settings({"name": "halves", "params": {"leads": ["ii"]}}))
    signals, _ = drawn(prepared)[0].frames(slice(None))
    assert (signals[:, 0, 0] % 10_000 >= 300).all(), "the second lead's values come after the first one's 300"
    with pytest.raises(ConfigError, match=r"Unknown lead of dataset 'halves': 'V1'.* Known: I, II"):
        opened(settings({"name": "halves", "params": {"leads": ["V1"]}}))


def test_frames_that_are_longer_than_every_stretch(settings):
    prepared = opened(settings({"name": "halves"}))
    assert len(drawn(prepared, size=300)[0])
    with pytest.raises(ConfigError, match=r"frame_size = 301 .* the longest has 300 samples. Choose .* at most 300"):
        drawn(prepared, size=301)


def test_nothing_is_annotated(settings, monkeypatch):
    monkeypatch.setattr(Halves, "waves_known", False)
    with pytest.raises(NoRecordsError, match="Nothing of the recordings in split 'train' is annotated"):
        drawn(opened(settings({"name": "halves"})))


def test_a_split_without_patients(settings):
    prepared = opened(settings({"name": "halves", "params": {"splits": ["train"]}}))
    with pytest.raises(NoRecordsError, match=r"in split 'test' \(recordings here: halves: train 10, val 0, test 0\)"):
        drawn(prepared, "test")


def test_datasets_that_have_nobody_in_the_split_are_passed_over(settings):
    prepared = opened(settings({"name": "halves", "params": {"splits": ["train"]}, "weight": 0.0}, {"name": "halves"}))
    assert [frames.weight for frames in drawn(prepared, "val")] == [1.0]
    with pytest.raises(ConfigError, match="'train' patients have weight 0"):
        drawn(prepared[:1])


def test_frames_by_class_do_not_fit_waves(settings):
    with pytest.raises(ConfigError, match=r"samples_per_patient = \[1, 2\].*Give one number, e.g. 3"):
        drawn(opened(settings({"name": "halves"})), per_patient=[1, 2])


def test_a_dataset_that_does_not_fit_the_task(settings):
    with pytest.raises(
        ConfigError, match=r"'segmentation' needs waves, which dataset 'beats' does not have \(it has beats\)"
    ) as said:
        opened(settings({"name": "beats"}))
    for able in ("ecg-synthetic", "halves", "ludb"):
        assert able in str(said.value).split("Datasets that do:")[1]


@pytest.mark.parametrize(
    ("name", "needs", "missing", "able"),
    [
        ("nstdb", {"ecg or ppg"}, "ecg or ppg", {"bidmc", "ludb", "ppg-synthetic"}),
        ("mitdb", {"ecg", "ppg"}, "ppg", {"bidmc", "ppg-synthetic"}),
        ("mitdb", {"diagnoses"}, "diagnoses", {"lsad", "ludb", "ptbxl"}),
        ("ptbxl", {"waves or beats"}, "waves or beats", {"icentia11k", "ludb", "mitdb", "qtdb"}),
    ],
)
def test_what_is_missing_and_who_has_it(tmp_path, name, needs, missing, able):
    dataset = open_dataset(DatasetParams(name=name, path=tmp_path))
    with pytest.raises(ConfigError, match=rf"needs {missing}, which dataset '{name}' does not have") as said:
        require_fit(dataset, frozenset(needs), "task")
    assert able <= set(str(said.value).partition("Datasets that do: ")[2].partition(".")[0].split(", "))


def test_no_dataset_and_an_unknown_one(settings):
    with pytest.raises(ConfigError, match=r"No dataset is configured.*--set 'datasets="):
        opened(settings())
    with pytest.raises(UnknownNameError, match="Did you mean 'halves'"):
        opened(settings({"name": "halfs"}))


def test_where_a_dataset_is(tmp_path):
    assert str(dataset_folder(DatasetParams(name="ludb"))) == "datasets/ludb"
    assert dataset_folder(DatasetParams(name="ludb", path=tmp_path)) == tmp_path
