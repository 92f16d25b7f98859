"""The synthetic dataset as the store sees it."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.errors import ConfigError, RecordError, UnknownNameError
from heartkit.records.record import Record


def dataset(**params: Any) -> EcgSynthetic:
    return EcgSynthetic(Path(), params)


def test_listing_names_every_record_once() -> None:
    infos = dataset(num_pts=7).listing()
    assert [info.id for info in infos] == list("0123456")
    assert len({info.patient for info in infos}) == 7


def test_batches_and_single_reads_agree() -> None:
    source = dataset(num_pts=10)
    many = source.read_many(["3", "8"])
    for record in many:
        assert isinstance(record, Record)
        np.testing.assert_array_equal(record.signals, source.read(record.id).signals)
    assert [record.id for record in many if isinstance(record, Record)] == ["3", "8"]


def test_records_that_do_not_exist_are_errors_of_their_own() -> None:
    found = dataset(num_pts=3).read_many(["1", "3", "x", "-1", "²"])
    assert isinstance(found[0], Record)
    assert all(isinstance(error, RecordError) for error in found[1:])
    with pytest.raises(RecordError, match="'3' does not exist: expected 0 to 2"):
        dataset(num_pts=3).read("3")


def test_fingerprint_changes_with_what_changes_the_records() -> None:
    prints = {
        source.fingerprint()
        for source in (dataset(), dataset(seed=1), dataset(num_pts=5), dataset(params={"heart_rate": 60}))
    }
    assert len(prints) == 4
    assert dataset().fingerprint() == EcgSynthetic(Path("elsewhere"), {}).fingerprint()


def test_it_travels_to_workers() -> None:
    source = pickle.loads(pickle.dumps(dataset(num_pts=2, seed=3)))
    np.testing.assert_array_equal(source.read("1").signals, dataset(num_pts=2, seed=3).read("1").signals)


def test_wrong_options_are_named() -> None:
    with pytest.raises(ConfigError, match="num_pts"):
        dataset(num_pts=0)
    with pytest.raises(ConfigError, match=r"params\.heart_rate.*ecg-synthetic"):
        dataset(params={"heart_rate": [3, 4]})
    with pytest.raises(UnknownNameError, match=r"Unknown preset 'sr'\. Did you mean 'SR'"):
        dataset(params={"presets": ["sr"]})
