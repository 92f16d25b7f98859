"""``nstdb`` and ``random_background_noise``, and where their noise comes from."""

import logging
from pathlib import Path

import numpy as np
import pytest
import wfdb

from heartkit.datasets.nstdb import NOISES, noise_records
from heartkit.errors import ConfigError, DatasetMissingError, RecordError
from heartkit.transforms import noise_bank
from heartkit.transforms.background_noise import Nstdb, RandomBackgroundNoise
from heartkit.transforms.pipeline import build_step
from heartkit.transforms.table import AugmentationFactory

RATE = 100.0
SECONDS = 30


@pytest.fixture
def folder(tmp_path):
    """NSTDB in miniature, in its own format and layout: a sine of another frequency in each lead of each record."""
    below = tmp_path / "nstdb" / "1.0.0"
    below.mkdir(parents=True)
    time = np.arange(360 * SECONDS) / 360
    for number, kind in enumerate(NOISES):
        sines = [np.sin(2 * np.pi * (1 + 2 * number + lead) * time) for lead in range(2)]
        wfdb.wrsamp(
            kind, 360, ["mV", "mV"], ["noise1", "noise2"], np.stack(sines, 1), fmt=["212", "212"], write_dir=str(below)
        )
    return tmp_path / "nstdb"


@pytest.fixture(autouse=True)
def forget():
    for cached in (noise_bank._recorded, noise_bank._synthetic, noise_bank._say_synthetic):
        cached.cache_clear()


def test_the_reader_gives_all_records_in_millivolt(folder):
    records = noise_records(folder)
    assert records.sampling_rate == 360
    assert list(records.signals) == list(NOISES)
    expected = np.sin(2 * np.pi * 3 * np.arange(360 * SECONDS) / 360)
    np.testing.assert_allclose(records.signals["em"][0], expected, atol=0.01)


def test_the_real_records_are_read_as_wfdb_reads_them(shared_data):
    records = noise_records(shared_data / "nstdb")
    direct = wfdb.rdrecord(str(shared_data / "nstdb/1.0.0/ma"), sampto=1000).p_signal.T
    np.testing.assert_allclose(records.signals["ma"][:, :1000], direct, rtol=1e-6)
    assert {kind: signals.shape for kind, signals in records.signals.items()} == dict.fromkeys(NOISES, (2, 650000))


def test_records_that_are_absent_or_broken_are_clear_errors(folder, tmp_path):
    with pytest.raises(DatasetMissingError, match="nowhere"):
        noise_records(tmp_path / "nowhere")
    (folder / "1.0.0" / "em.dat").write_bytes(b"\0" * 30)
    with pytest.raises(RecordError, match="em"):
        noise_records(folder)
    (folder / "1.0.0" / "em.dat").unlink()
    with pytest.raises(DatasetMissingError):
        noise_records(folder)


@pytest.mark.parametrize("how", ["path", "noise_folder", "environment"])
def test_the_noise_is_the_recorded_one(how, folder, frames, rng, monkeypatch, caplog):
    if how == "environment":
        monkeypatch.setenv("HEARTKIT_DATASETS", str(folder.parent))
    params = {"noise_level": 0.5, **({"path": str(folder)} if how == "path" else {})}
    step = Nstdb.create(params, RATE, folder if how == "noise_folder" else None)
    drawn = step.draw(rng, *frames.shape)
    noise = step.noise(drawn, 256).astype(float)
    # Row r of the bank is a sine of r + 1 Hz, so each stretch tells where it is from.
    time = (drawn.start + np.arange(256)) / RATE
    for channel in range(2):
        expected = np.sin(2 * np.pi * (drawn.row[:, 0, channel, None] + 1) * time[:, 0])
        expected -= expected.mean(1, keepdims=True)
        np.testing.assert_allclose(noise[:, channel], 0.5 * expected / expected.std(1, keepdims=True), atol=0.02)
    assert set(drawn.row.ravel()) == set(range(6))
    assert (drawn.row[:, 0, 0] // 2 == drawn.row[:, 0, 1] // 2).all()
    assert (drawn.row[:, 0, 0] != drawn.row[:, 0, 1]).all()
    assert "synthetic" not in caplog.text


def test_the_level_is_the_signal_to_noise_ratio(frames, rng):
    step = Nstdb.create({"noise_level": 0.1}, RATE)
    change = step(frames, rng).astype(float) - frames
    ratio = 20 * np.log10(frames.astype(float).std(1) / change.std(1))
    assert np.median(ratio) == pytest.approx(20, abs=0.05)
    assert ratio.min() > 19.9


def test_several_noises_add_up(frames, rng):
    step = RandomBackgroundNoise.create({"amplitude": [0.1, 0.2], "num_noises": 3}, RATE)
    drawn = step.draw(rng, *frames.shape)
    apart = [
        step.noise(type(drawn)(*(part[:, one : one + 1] for part in drawn)), 256) for one in range(drawn.level.shape[1])
    ]
    assert len(apart) == 3
    np.testing.assert_allclose(step.noise(drawn, 256), np.sum(apart, axis=0), atol=1e-6)


def test_synthetic_noise_stands_in_and_the_log_says_so_once(caplog, frames, rng, tmp_path):
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            Nstdb.create({"noise_level": 0.3}, RATE, tmp_path)(frames, rng)
    said = [record.message for record in caplog.records if "synthetic noise stands in" in record.message]
    assert len(said) == 1
    assert str(tmp_path) in said[0]


def test_a_path_that_was_asked_for_has_to_be_there():
    with pytest.raises(DatasetMissingError, match="Download nstdb"):
        Nstdb.create({"path": Path("no/such/folder")}, RATE)


def test_frames_longer_than_the_noise_are_refused(folder, rng):
    with pytest.raises(ConfigError, match="longer than half of the noise"):
        Nstdb.create({"path": folder}, RATE).draw(rng, 1, 30 * 100 + 1, 1)


@pytest.mark.parametrize("kind", [Nstdb, RandomBackgroundNoise])
def test_held_out_frames_get_other_noise_than_training(kind, folder, rng):
    """Row by row, no sample of the noise that training may cut is one that held-out frames may get."""
    bank = noise_bank.noise_bank(folder, None, RATE)
    train, held = (kind.create({}, RATE, folder, held_out=side) for side in (False, True))
    assert train.bank.shape[1] + held.bank.shape[1] == bank.shape[1]
    np.testing.assert_array_equal(np.concatenate([train.bank, held.bank], axis=1), bank)
    for step in (train, held):  # every start that can be drawn keeps the whole frame within the half
        drawn = step.draw(rng, 4000, 400, 1)
        assert 0 <= drawn.start.min() < 10
        assert 1090 < drawn.start.max() + 400 <= step.bank.shape[1]


def test_a_step_within_a_random_augmentation_knows_that_frames_are_held_out(folder):
    layers = {"layers": [{"name": "nstdb"}]}
    chosen = {
        side: build_step(AugmentationFactory, "random_augmentation", layers, RATE, folder, side) for side in (0, 1)
    }
    assert not np.shares_memory(chosen[0].layers[0].bank, chosen[1].layers[0].bank)


@pytest.mark.parametrize("names", [["bw"], ["ma", "em"]])
def test_only_the_named_records_are_cut_from(folder, names, rng):
    drawn = Nstdb.create({"noises": names}, RATE, folder).draw(rng, 500, 100, 2)
    assert {NOISES[row // 2] for row in drawn.row.ravel()} == set(names)


def test_an_unknown_record_is_an_error(folder):
    with pytest.raises(ConfigError, match=r"'noises\.0'"):
        Nstdb.create({"noises": ["mains"]}, RATE, folder)
