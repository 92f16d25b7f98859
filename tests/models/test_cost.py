import numpy as np
import pytest

from heartkit.artifact.inspect import inspect
from heartkit.models.architecture import with_probabilities
from heartkit.models.attention import attention
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


def attention_by_hand(time=10, channels=6, heads=2, size=3):
    """Count multiply-accumulates of attention: queries, keys, values; products; what becomes of them."""
    return heads * (3 * time * channels * size + 2 * time * time * size) + time * heads * size * channels


@pytest.mark.parametrize("relative", [False, True])
def test_attention_by_hand_without_what_the_converter_computes(relative):
    inputs = keras.Input((1, 10, 6))
    y = attention(inputs, heads=2, size=3, relative=relative, dropout=0, bias=False, name="a")
    found = cost(keras.Model(inputs, y))
    assert found.macs == attention_by_hand()
    # Two heads' weights (10 x 10) are never held at once; at most one, its values, and what the other head made.
    assert 200 <= found.peak_activation_bytes <= 460


def test_products_dense_layers_on_many_axes_and_models_within_models():
    inputs = keras.Input((10, 6))
    x = keras.layers.Dense(4)(inputs)  # 10 * 6 * 4
    x = keras.layers.EinsumDense("abc,cde->abde", (10, 2, 3))(x)  # 10 * 4 * 2 * 3
    x = keras.layers.Reshape((10, 6))(x)
    y = keras.layers.Dot(axes=(2, 2))([x, inputs])  # 10 * 10 * 6
    inner = keras.Sequential([keras.Input((10, 10)), keras.layers.Dense(3)])  # 10 * 10 * 3
    assert cost(keras.Model(inputs, inner(y))).macs == 240 + 240 + 600 + 300


def test_what_cannot_be_counted_is_named():
    inputs = keras.Input((10, 6))
    found = cost(keras.Model(inputs, keras.layers.GRU(4, name="memory")(keras.layers.BatchNormalization()(inputs))))
    assert found.uncounted == ("memory",)
    assert not cost(trained()).uncounted
