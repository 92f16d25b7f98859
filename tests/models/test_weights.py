"""Weights from one model into another."""

import numpy as np
import pytest

from heartkit.errors import ModelError
from heartkit.models.backend import keras
from heartkit.models.tcn import ARCHITECTURE
from heartkit.models.weights import load_weights
from tiny_network import made


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


@pytest.fixture(scope="module")
def source():
    model = made()
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_both_kinds_of_file_fill_a_model(source, tmp_path, name):
    path = tmp_path / name
    source.save_weights(path) if name.endswith(".h5") else source.save(path)
    target = made()
    assert not same(source, target)
    load_weights(target, path)
    assert same(source, target)


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_another_architecture_is_an_error_and_changes_nothing(source, tmp_path, name):
    path = tmp_path / name
    source.save_weights(path) if name.endswith(".h5") else source.save(path)
    target = made(filters=5)
    before = target.get_weights()
    with pytest.raises(ModelError, match="do not fit the configured architecture"):
        load_weights(target, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, target.get_weights(), strict=True))


@pytest.mark.parametrize("name", ["absent.keras", "absent.weights.h5", "elsewhere"])
def test_an_absent_file_is_named(tmp_path, name):
    with pytest.raises(ModelError, match=f"{name}' is not there"):
        load_weights(made(), tmp_path / name)


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_a_broken_file_is_an_error(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 no such thing")
    with pytest.raises(ModelError, match=name):
        load_weights(made(), tmp_path / name)


def frame_model(classes, filters=8):
    keras.utils.set_random_seed(classes)
    blocks = [{"filters": filters, "kernel": 5, "norm": "batch"}, {"filters": 8, "kernel": 5, "norm": "batch"}]
    return ARCHITECTURE.make((96, 1), {"blocks": blocks}, classes, "frame")


def test_a_head_of_another_size_begins_anew_on_the_body_of_the_file(tmp_path):
    source, target = frame_model(16), frame_model(3)
    rng = np.random.default_rng(1)
    source.set_weights([rng.normal(size=weight.shape) for weight in source.get_weights()])
    source.save(tmp_path / "model.keras")
    head = [weight.copy() for weight in target.layers[-1].get_weights()]
    said = load_weights(target, tmp_path / "model.keras")
    for layer in source.layers[:-1]:
        for mine, theirs in zip(target.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert all(np.array_equal(a, b) for a, b in zip(head, target.layers[-1].get_weights(), strict=True))
    taken = sum(bool(layer.get_weights()) for layer in source.layers[:-1])
    assert f"The weights of {taken} layers, all but the head" in said
    assert "it gives 3 numbers, that of the file 16" in said


def test_the_same_head_is_taken_too(tmp_path):
    source, target = frame_model(4), frame_model(4, 8)
    source.save(tmp_path / "model.keras")
    assert "All" in load_weights(target, tmp_path / "model.keras")
    assert same(source, target)


def test_another_body_is_an_error_that_names_both(tmp_path):
    frame_model(16).save(tmp_path / "model.keras")
    target = frame_model(3, filters=5)
    before = target.get_weights()
    with pytest.raises(ModelError, match=r"of the network 'tcn' in .*model\.keras.* architecture 'tcn'"):
        load_weights(target, tmp_path / "model.keras")
    assert all(np.array_equal(a, b) for a, b in zip(before, target.get_weights(), strict=True))
