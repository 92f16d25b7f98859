"""Weights from one model into another."""

import numpy as np
import pytest

from heartkit.errors import ModelError
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
