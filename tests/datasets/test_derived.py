"""Datasets with weak labels: a configuration asks for them, and everything else stays as it is."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.frames.framing import RhythmFrames, WaveFrames
from heartkit.frames.sources import open_dataset, require_fit
from heartkit.params import DatasetParams
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Rhythm, Wave
from made_folder import RATE, SAMPLES, describe, write
from wfdb_files import Mark, ecg_like, write_marks, write_signals


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(["101", "106"]):
        write_signals(tmp_path / "mitdb", name, ecg_like(3600, 2, number), 360, ["MLII", "V1"])
        write_marks(tmp_path / "mitdb", name, "atr", [Mark(at, "N") for at in range(100, 3500, 300)])
    return tmp_path / "mitdb"


def opened(folder, **params):
    return open_dataset(DatasetParams(name="mitdb", path=folder, params=params))


def test_weak_labels_only_where_they_are_asked_for(folder, tmp_path):
    plain, weak = opened(folder), opened(folder, derive=["qrs-from-beats"])
    with pytest.raises(ConfigError, match=r"Weak labels can be made of what it has: params.derive = .*qrs-from-beats"):
        require_fit(plain, frozenset({"waves"}), "segmentation")
    require_fit(weak, frozenset({"waves"}), "segmentation")
    assert weak.provides == plain.provides | {"waves"}
    assert weak.listing() == plain.listing()
    assert weak.fingerprint() != plain.fingerprint()
    stores = [prepare(one, 100, tmp_path / "cache", progress=False) for one in (plain, weak)]
    assert (stores[0].track(0) == -1).all()
    np.testing.assert_array_equal(stores[0].signals(0), stores[1].signals(0))
    assert {*np.unique(stores[1].track(0))} == {-1, Wave.NONE, Wave.QRS}
    assert len(WaveFrames(known=0.6).strips(stores[1], [0, 1], None, 256)) > 0


def test_a_folder_with_diagnoses_serves_for_rhythm(tmp_path):
    own = describe(tmp_path / "own", diagnoses="diagnoses.csv")
    for name in ("a", "b", "c"):
        write(own, name, "csv")
    (own / "diagnoses.csv").write_text("record,statement\na,AFIB\nb,SR\nb,IMI\nc,NORM\n")
    entry = {"name": "folder", "path": own}
    with pytest.raises(ConfigError, match=r"params.derive = \['rhythm-from-diagnoses'\]"):
        require_fit(open_dataset(DatasetParams(**entry)), frozenset({"rhythms"}), "rhythm")
    weak = open_dataset(DatasetParams(**entry, params={"derive": ["rhythm-from-diagnoses"]}))
    require_fit(weak, frozenset({"rhythms"}), "rhythm")
    store = prepare(weak, RATE, tmp_path / "cache", progress=False)
    strips = RhythmFrames().strips(store, [0, 1, 2], ["I"], 256)
    assert strips.label.tolist() == [Rhythm.AFIB, Rhythm.SR]
    assert strips.length.tolist() == [SAMPLES] * 2


def test_worker_processes_get_them_too(folder):
    weak = pickle.loads(pickle.dumps(opened(folder, derive=["qrs-from-beats"])))
    (record,) = weak.read_many(["101"])
    assert set(record.waves.kind) == {Wave.QRS}
    assert isinstance(weak.read_many(["nobody"])[0], Exception)


def test_what_a_rule_needs_must_be_there(tmp_path):
    with pytest.raises(ConfigError, match="'qrs-from-beats', which needs beats; it has ecg, ppg, resp"):
        open_dataset(DatasetParams(name="bidmc", path=tmp_path, params={"derive": ["qrs-from-beats"]}))
    with pytest.raises(ConfigError, match="derive"):
        open_dataset(DatasetParams(name="mitdb", path=tmp_path, params={"derive": ["p-from-beats"]}))
