import numpy as np
import pytest

from heartkit.artifact.inspect import inspect
from heartkit.models.architecture import with_probabilities
from heartkit.models.backend import keras
from heartkit.models.cost import cost
from heartkit.models.quiet import captured_stderr
from tiny_network import converted, made, trained


def test_macs_by_hand():
    inputs = keras.Input((1, 50, 4))
    x = keras.layers.DepthwiseConv2D((1, 5), padding="same")(inputs)  # 50 * 4 * 5
    x = keras.layers.Conv2D(6, (1, 3), strides=(1, 2), padding="same")(x)  # 25 * 6 * 3 * 4
    x = keras.layers.Conv2DTranspose(2, (1, 4), strides=(1, 2), padding="same")(x)  # 25 * 6 * 2 * 4
    x = keras.layers.Dense(7)(keras.layers.Flatten()(x))  # 100 * 7
    found = cost(keras.Model(inputs, x))
    assert [layer.macs for layer in found.layers] == [1000, 1800, 1200, 0, 700]
    assert found.macs == 4700
    assert found.parameters == sum(layer.parameters for layer in found.layers)


@pytest.mark.parametrize("block_type", ["mb", "lg", "sm"])
def test_macs_are_those_of_the_flatbuffer(block_type):
    assert cost(trained(block_type)).macs == inspect(converted("INT8", block_type=block_type)).macs


def test_a_shortcut_is_held_until_it_is_added():
    inputs = keras.Input((1, 10, 2))
    wide = keras.layers.Conv2D(8, 1)(inputs)  # 80
    y = keras.layers.Conv2D(3, 1)(wide)  # 30, while wide is held
    y = keras.layers.ReLU()(keras.layers.BatchNormalization()(y))  # fused
    y = keras.layers.Conv2D(8, 1)(y)  # 80 + 30 + 80
    model = keras.Model(inputs, keras.layers.Add()([wide, y]))  # 80 + 80 + 80
    assert cost(model).peak_activation_bytes == 240


def test_peak_memory_is_what_tflite_micro_plans():
    runtime = pytest.importorskip("tflite_micro").runtime
    interpreter = runtime.Interpreter.from_bytes(converted("INT8"), arena_size=1 << 20)
    interpreter.set_input(np.zeros(inspect(converted("INT8")).input.shape, np.int8), 0)
    interpreter.invoke()
    with captured_stderr() as said:
        interpreter.print_allocations()
    head = next(int(line.split()[-2]) for line in said.text.splitlines() if "allocation head" in line)
    assert cost(trained()).peak_activation_bytes == pytest.approx(head, rel=0.05)


def test_probabilities_share_the_weights():
    model = made()
    frames = np.zeros((2, *model.input_shape[1:]), np.float32)
    np.testing.assert_allclose(
        np.asarray(with_probabilities(model)(frames)), np.asarray(keras.ops.softmax(model(frames))), rtol=1e-6
    )
