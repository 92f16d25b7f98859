from __future__ import annotations

import logging

import numpy as np
import pytest
import wfdb

from heartkit.baselines.delineator import delineate
from heartkit.metrics.matching import match_points

SYMBOLS = {"P": "p", "QRS": "N", "T": "t"}


@pytest.fixture(scope="module")
def ludb_record(shared_data):
    path = shared_data / "ludb" / "1.0.1" / "data" / "1"
    return wfdb.rdrecord(str(path)), wfdb.rdann(str(path), "ii")


def test_finds_ludbs_waves_on_lead_ii(ludb_record):
    record, annotation = ludb_record
    found = delineate(record.p_signal[:, 1], record.fs)
    symbols = np.array(annotation.symbol)
    for name, symbol in SYMBOLS.items():
        at = np.flatnonzero(symbols == symbol)
        for column, shift in enumerate((-1, 0, 1)):
            reference = annotation.sample[at + shift] / record.fs
            matched, _ = match_points(reference, found[name][:, column], 0.05)
            assert len(matched) >= 0.9 * len(reference), (name, column)


def test_waves_are_in_order_and_of_plausible_length(ludb_record):
    record, _ = ludb_record
    for lead in range(12):
        for name, waves in delineate(record.p_signal[:, lead], record.fs).items():
            assert (np.diff(waves, axis=1) >= 0).all(), name
            assert (np.diff(waves[:, 1]) > 0).all()
            assert (waves[:, 2] - waves[:, 0] < 0.6).all()


def test_bridges_missing_samples(ludb_record):
    record, _ = ludb_record
    signal = record.p_signal[:, 1].copy()
    whole = delineate(signal, record.fs)["QRS"]
    signal[100:120] = np.nan
    np.testing.assert_allclose(delineate(signal, record.fs)["QRS"][2:], whole[2:], atol=0.01)


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(5000),
        np.full(5000, np.nan),
        np.ones(3),
        np.linspace(0, 1, 40),
        np.random.default_rng(0).normal(size=90),
    ],
    ids=["flat", "missing", "three samples", "short ramp", "short noise"],
)
def test_gives_nothing_where_it_cannot_work(signal, caplog):
    with caplog.at_level(logging.INFO, "heartkit"):
        found = delineate(signal, 500)
    assert {name: waves.shape for name, waves in found.items()} == {"P": (0, 3), "QRS": (0, 3), "T": (0, 3)}


def test_survives_noise():
    found = delineate(np.random.default_rng(1).normal(size=5000), 500)
    assert all(np.isfinite(waves).all() for waves in found.values())
