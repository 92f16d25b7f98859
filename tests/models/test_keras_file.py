import numpy as np
import pytest

from heartkit.errors import ConfigError, ModelError
from heartkit.models.backend import keras
from heartkit.models.keras_file import ARCHITECTURE
from tiny_network import made, sines, tcn_params


@pytest.fixture
def saved(tmp_path):
    """Save a model and return the parameters that name its file."""

    def save(model):
        model.save(tmp_path / "own.keras")
        return {"path": str(tmp_path / "own.keras")}

    return save


def dense(*layers, shape=(50, 1)):
    return keras.Sequential([keras.Input(shape), *layers])


def test_it_is_the_model_with_its_weights(saved):
    model, frames = made(), sines(4)
    read = ARCHITECTURE.make((96, 1), saved(model), 3)
    np.testing.assert_allclose(np.asarray(read(frames)), np.asarray(model(frames)), atol=1e-6)
    assert not getattr(read, "optimizer", None)


def test_a_sequential_model_will_do_and_may_answer_per_frame(saved):
    params = saved(dense(keras.layers.Flatten(), keras.layers.Dense(4)))
    assert ARCHITECTURE.make((50, 1), params, 4, "frame").output_shape == (None, 4)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: dense(keras.layers.Dense(3), shape=(40, 1)), r"\(40, 1\).*ones are \(50, 1\).*frame_size to 40"),
        (lambda: dense(keras.layers.Dense(3), shape=(50, 2)), r"frames of shape \(50, 2\)"),
        (lambda: dense(keras.layers.Dense(4)), r"answers of shape \(50, 4\).*num_classes 3 has \(50, 3\)"),
        (lambda: dense(keras.layers.Flatten(), keras.layers.Dense(3)), r"answers of shape \(3,\).*per sample"),
        (lambda: dense(keras.layers.Dense(3, activation="softmax")), "ends in a softmax; training needs logits"),
        (lambda: dense(keras.layers.Dense(3), keras.layers.Softmax()), "ends in a softmax"),
        (lambda: keras.Sequential([keras.Input((50, 1), batch_size=2), keras.layers.Dense(3)]), "batches of 2 only"),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_what_to_change(saved, model, message):
    with pytest.raises(ConfigError, match=message):
        ARCHITECTURE.make((50, 1), saved(model()), 3)


def test_a_model_with_two_inputs_is_an_error(saved):
    first, second = keras.Input((50, 1)), keras.Input((50, 1))
    model = keras.Model([first, second], keras.layers.Dense(3)(keras.layers.Add()([first, second])))
    with pytest.raises(ModelError, match="2 inputs and 1 outputs; one input"):
        ARCHITECTURE.make((50, 1), saved(model), 3)


def test_a_model_with_code_in_it_is_not_read(saved):
    params = saved(dense(keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(3)))
    with pytest.raises(ModelError, match="safe mode"):
        ARCHITECTURE.make((50, 1), params, 3)


def test_parameters_are_strict(saved, tmp_path):
    with pytest.raises(ConfigError, match="path is missing"):
        ARCHITECTURE.make((50, 1), {}, 3)
    with pytest.raises(ConfigError, match="Unknown key 'blocks'"):
        ARCHITECTURE.make((50, 1), {"path": "a.keras", **{"blocks": tcn_params()["blocks"]}}, 3)
    with pytest.raises(ModelError, match=r"nowhere\.keras' is not there"):
        ARCHITECTURE.make((50, 1), {"path": str(tmp_path / "nowhere.keras")}, 3)
