import subprocess
import sys

import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.models.backend import keras
from heartkit.models.tcn import ARCHITECTURE
from tiny_network import CLASSES, TIME, levels, made, sines, tcn_params, trained

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)  # Keras' own
BLOCK_TYPES, NORMS = ("mb", "lg", "sm"), ("batch", "layer", None)
SEGMENTATION = {
    "input_kernel": [1, 7],
    "input_norm": "batch",
    "blocks": [
        {"filters": f, "kernel": [1, 7], "dilation": [1, d], "se_ratio": s, "norm": "batch"}
        for f, d, s in ((16, 1, 0), (24, 2, 2), (32, 4, 2), (48, 8, 2))
    ],
    "output_kernel": [1, 7],
}


def mb_parameters(params: dict, channels: int, classes: int) -> int:
    """Count an mb network's weights from the contract's words (spec/models.md), not from layers."""
    cost_of_norm = {"batch": 4, "layer": 2}

    def convolution(weights: int, outputs: int, norm: str | None) -> int:
        return weights + (outputs if norm is None else cost_of_norm[norm] * outputs)

    total, c = 0, channels
    if (kernel := params.get("input_kernel")) is not None:
        total += convolution(kernel * c, c, params["input_norm"])
    for block in params["blocks"]:
        norm, f = block["norm"], block["filters"]
        for _ in range(block.get("depth", 1)):
            if block.get("ex_ratio", 1) != 1:
                hidden = round(f * block["ex_ratio"])
                total, c = total + convolution(c * hidden, hidden, norm), hidden
            total += block.get("branch", 1) * convolution(block["kernel"] * c, c, norm)
            if block["se_ratio"]:
                hidden = int(c / block["se_ratio"])
                total += (c * hidden + hidden + hidden * c + c) if hidden else 0
            total, c = total + convolution(c * f, f, norm), f
    return total + params["output_kernel"] * c * classes + classes


def test_the_segmentation_network_has_7310_parameters():
    model = ARCHITECTURE.make((256, 1), SEGMENTATION, 4)
    # by hand: encoder 11, blocks 91 + 936 + 1772 + 3152, head 1348
    assert model.count_params() == 11 + 91 + 936 + 1772 + 3152 + 1348 == 7310
    assert model.output_shape == (None, 256, 4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("extra", [{}, {"depth": 3}, {"branch": 2}, {"ex_ratio": 2.5, "depth": 2}, {"se_ratio": 3}])
def test_mb_has_as_many_parameters_as_the_contract_says(norm, extra):
    blocks = [{"filters": f, "kernel": 3, "se_ratio": 0, "norm": norm} | extra for f in (6, 6, 10)]
    params = {"input_kernel": 9, "input_norm": norm, "blocks": blocks, "output_kernel": 5}
    assert ARCHITECTURE.make((40, 2), params, 3).count_params() == mb_parameters(params, 2, 3)


@pytest.mark.parametrize("shape", [(1, 1), (64, 1), (250, 3), (1250, 2)])
@pytest.mark.parametrize("block_type", BLOCK_TYPES)
def test_it_builds_at_any_size_and_answers_for_each_sample(block_type, shape):
    model = ARCHITECTURE.make(shape, tcn_params(block_type, dropout=0.1, depth=2), 5)
    assert model(np.zeros((2, *shape), np.float32)).shape == (2, shape[0], 5)
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("block_type", BLOCK_TYPES)
def test_training_lowers_the_loss(block_type, norm):
    model, frames = made(block_type, norm), sines(64)
    model.run_eagerly = True  # tracing a graph takes longer than these steps
    losses = [model.train_on_batch(frames, levels(frames)) for _ in range(4)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("block_type", "per_step"), [("mb", 1), ("sm", 1), ("lg", 2)])
def test_each_output_sees_exactly_its_receptive_field(block_type, per_step):
    keras.utils.set_random_seed(3)
    blocks = [
        {"filters": 6, "kernel": 5, "dilation": d, "depth": 2, "norm": "batch", "activation": "tanh"} for d in (1, 3)
    ]
    params = {"input_kernel": 7, "input_norm": "batch", "blocks": blocks, "block_type": block_type, "output_kernel": 3}
    model = ARCHITECTURE.make((201, 1), params, 2)
    frame = sines(1, time=201)
    nudged = frame.copy()
    nudged[0, 100] += 3
    changed = np.flatnonzero(np.abs(np.asarray(model(nudged)) - np.asarray(model(frame))).max(axis=(0, 2)))
    reach = 3 + 1 + 2 * per_step * 2 * (1 + 3)  # half of: encoder, head, (kernel - 1) * dilation of each step
    assert (changed[0], changed[-1]) == (100 - reach, 100 + reach)


def test_a_shortcut_is_there_where_channel_counts_agree():
    def adds(filters):
        blocks = [{"filters": f, "norm": "batch"} for f in filters]
        return [
            layer.name for layer in ARCHITECTURE.make((32, 1), {"blocks": blocks}, 2).layers if "_add" in layer.name
        ]

    assert adds([8, 8, 12]) == ["b2_add"]


def test_the_head_can_be_left_out_or_give_probabilities():
    features = ARCHITECTURE.make((32, 1), tcn_params() | {"include_top": False, "name": "encoder"}, 4)
    assert (features.output_shape, features.name) == ((None, 32, 12), "encoder")
    model = ARCHITECTURE.make((32, 1), tcn_params() | {"use_logits": False, "model_name": "seg"}, 4)
    np.testing.assert_allclose(np.asarray(model(sines(2, time=32))).sum(-1), 1, rtol=1e-5)
    assert model.name == "seg"
    bounded = ARCHITECTURE.make((32, 1), tcn_params() | {"output_activation": "tanh"}, 1)
    assert np.abs(bounded(100 * sines(2, time=32))).max() <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"blcks": 1}, "Unknown key 'blcks'. Did you mean 'blocks'"),
        (
            {"blocks": [{"filters": 8}, {"filters": 8}, {"filters": 8, "dilatoin": 2}]},
            r"'blocks\[2\].dilatoin'. Did you mean 'dilation'",
        ),
        ({"blocks": []}, "blocks must not be empty"),
        ({"blocks": [{"filters": 0}]}, r"blocks\[0\].filters must be at least 1, got 0"),
        ({"blocks": [{"filters": 8, "kernel": [3, 3]}]}, r"blocks\[0\].kernel must be n or \[1, n\]"),
        ({"block_type": "xl"}, "block_type must be 'mb', 'lg' or 'sm', got 'xl'"),
        ({"output_activation": "sofmax"}, "output_activation must be 'softmax'"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(change, message):
    with pytest.raises(ConfigError, match=message) as error:
        ARCHITECTURE.make((64, 1), tcn_params() | change, 2)
    assert "architecture.params of 'tcn'" in str(error.value)


def test_sizes_must_be_positive():
    with pytest.raises(ConfigError, match="must be at least 1"):
        ARCHITECTURE.make((0, 1), tcn_params(), 2)


def test_sm_says_that_it_does_not_expand(caplog):
    ARCHITECTURE.make((32, 1), tcn_params("sm", ex_ratio=4), 2)
    assert "ex_ratio 4" in caplog.text


def test_it_is_registered():
    assert ModelFactory.get("tcn") is ARCHITECTURE
    assert ARCHITECTURE.heads == {"sample", "frame"}


def test_the_frame_head_is_a_dense_layer_on_the_means_over_time():
    model, frames = ARCHITECTURE.make((64, 1), tcn_params(), 3, "frame"), sines(4, time=64)
    per_sample = ARCHITECTURE.make((64, 1), tcn_params() | {"include_top": False}, 3)
    for layer in per_sample.layers:
        layer.set_weights(model.get_layer(layer.name).get_weights() if layer.weights else [])
    kernel, bias = model.get_layer("head").get_weights()
    means = np.asarray(per_sample(frames)).mean(1)
    np.testing.assert_allclose(np.asarray(model(frames)), means @ kernel + bias, atol=1e-5)
    assert model.output_shape == (None, 3)


LOAD = """
import sys, keras, numpy as np
model = keras.saving.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not any(name.startswith("heartkit") for name in sys.modules)
"""


def test_a_saved_model_loads_in_safe_mode_in_a_process_without_heartkit(tmp_path):
    frames, both = sines(8), []
    for norm in ("batch", "layer"):  # the latter is made of operations, not of layers
        model = trained(norm=norm)
        model.save(tmp_path / f"{norm}.keras")
        both.append(model)
    keras.Model(both[0].inputs, [both[0].output, both[1](both[0].inputs[0])]).save(tmp_path / "both.keras")
    np.save(tmp_path / "x.npy", frames)
    paths = [tmp_path / name for name in ("both.keras", "x.npy", "y.npy")]
    done = subprocess.run([sys.executable, "-c", LOAD, *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = np.stack([model.predict(frames, verbose=0) for model in both])
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, atol=1e-5)
    assert expected.shape == (2, 8, TIME, CLASSES)
