"""The synthetic PPG dataset as the store sees it."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heartkit.datasets.ppg_synthetic import PpgSynthetic
from heartkit.errors import ConfigError, RecordError
from heartkit.records.record import Record


def dataset(**params: Any) -> PpgSynthetic:
    return PpgSynthetic(Path(), params)


def test_a_configuration_names_number_and_kind_of_records() -> None:
    source = dataset(
        num_pts=3,
        with_ecg=True,
        params={
            "duration": 8, "sample_rate": 64, "heart_rate": [40, 120], "noise_multiplier": 0.1,
            "frequency_modulation": [0.2, 0.4], "ibi_randomness": [0.1, 0.2],
        },
    )  # fmt: skip
    assert [info.id for info in source.listing()] == ["0", "1", "2"]
    record = source.read("2")
    assert (record.leads, record.signals.shape) == (("II", "PPG"), (2, 512))


def test_what_it_provides_depends_on_the_ecg() -> None:
    assert dataset().provides == {"waves", "beats", "rhythms", "ppg"}
    assert dataset(with_ecg=True).provides == PpgSynthetic.provides == {"waves", "beats", "rhythms", "ppg", "ecg"}


def test_batches_and_single_reads_agree() -> None:
    source = dataset(num_pts=10)
    for record in source.read_many(["3", "8"]):
        assert isinstance(record, Record)
        np.testing.assert_array_equal(record.signals, source.read(record.id).signals)


def test_records_that_do_not_exist_are_errors_of_their_own() -> None:
    found = dataset(num_pts=3).read_many(["1", "3", "x", "-1", "²"])
    assert isinstance(found[0], Record)
    assert all(isinstance(error, RecordError) for error in found[1:])
    with pytest.raises(RecordError, match="'3' does not exist: expected 0 to 2"):
        dataset(num_pts=3).read("3")


def test_fingerprint_changes_with_what_changes_the_records() -> None:
    kinds = (
        dataset(),
        dataset(seed=1),
        dataset(num_pts=5),
        dataset(params={"transit_time": 0.2}),
        dataset(with_ecg=True),
    )
    assert len({source.fingerprint() for source in kinds}) == 5
    assert dataset().fingerprint() == PpgSynthetic(Path("elsewhere"), {"leads": ["PPG"]}).fingerprint()


def test_it_travels_to_workers() -> None:
    source = pickle.loads(pickle.dumps(dataset(num_pts=2, seed=3)))
    np.testing.assert_array_equal(source.read("1").signals, dataset(num_pts=2, seed=3).read("1").signals)
    assert source.provides == dataset().provides


def test_wrong_options_are_named() -> None:
    with pytest.raises(ConfigError, match="with_ecg"):
        dataset(with_ecg="yes")
    with pytest.raises(ConfigError, match=r"params\.transit_time.*ppg-synthetic"):
        dataset(params={"transit_time": 3})
