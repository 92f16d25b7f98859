"""What holds for every architecture: those that are registered, with each of their heads."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.artifact.verify import verify
from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.models.architecture import FRAME, SAMPLE
from heartkit.models.backend import keras
from heartkit.models.cost import cost
from heartkit.models.fold import fold
from heartkit.params import QuantizationParams
from heartkit.registry import load_object
from tiny_network import levels, sines

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)  # Keras' own
TIME, CLASSES = 64, 3
CASES = {
    "tcn": {
        "input_kernel": 5,
        "input_norm": "batch",
        "blocks": [
            {"filters": 8, "kernel": [1, 5], "branch": 2, "norm": "batch"},
            {"filters": 12, "kernel": [1, 5], "dilation": 2, "se_ratio": 2, "norm": "batch"},
        ],
    },
    "unet": {
        "blocks": [
            {"filters": 8, "kernel": [1, 5], "strides": [1, 2], "dropout": 0.1},
            {"filters": 12, "depth": 2, "ddepth": 1, "strides": 2, "seperable": True, "skip": False, "dilation": 2},
        ]
    },
    "efficientnetv2": {
        "input_filters": 8,
        "input_kernel_size": [1, 5],
        "blocks": [
            {"filters": 8, "depth": 2, "kernel_size": [1, 5], "se_ratio": 2},
            {"filters": 12, "ex_ratio": 2, "strides": [1, 2], "se_ratio": 4},
        ],
        "output_filters": 16,
    },
    "mobileone": {
        "input_filters": 8,
        "blocks": [
            {"filters": 8, "depth": 2, "padding": [0, 1], "se_depth": 1, "se_ratio": 2},
            {"filters": 12, "kernel_size": [1, 5], "padding": 2, "strides": 2, "num_conv_branches": 3},
        ],
    },
    "resnet": {
        "input_filters": 8,
        "blocks": [{"filters": 8, "kernel_size": [1, 5]}, {"filters": 4, "strides": [1, 2], "bottleneck": True}],
    },
}
"""For each architecture a small configuration that uses most of what it has."""

OPERATORS = {"RESHAPE", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "MEAN"}
MORE_OPERATORS = {"unet": {"MAX_POOL_2D", "CONCATENATION", "RESIZE_NEAREST_NEIGHBOR", "QUANTIZE"}}
"""What else an architecture may need; QUANTIZE brings what is concatenated to one scale."""


def architecture(name):
    return ModelFactory.get(name) if ModelFactory.has(name) else load_object(f"heartkit.models.{name}:ARCHITECTURE")


PAIRS = [(name, head) for name in CASES for head in sorted(architecture(name).heads)]
each_pair = pytest.mark.parametrize(("name", "head"), PAIRS)


def built(name, head, shape=(TIME, 1), /, **changes):
    keras.utils.set_random_seed(7)
    return architecture(name).make(shape, CASES[name] | changes, CLASSES, head)


@cache
def settled(name, head):
    """A network as after a training: with statistics in its batch norm, and no two biases alike.

    In int16x8 the converter stores equal biases once, in the units of one of the layers, and is wrong in the other.
    """
    model, rng = built(name, head), np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = (rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights())
            layer.set_weights([gamma, beta - 0.8, mean - 1, variance])
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 0.3, layer.bias.shape))
    return model


def test_every_registered_model_is_tried():
    assert set(ModelFactory.list()) <= set(CASES), "add a small configuration of it to CASES"


@pytest.mark.parametrize("shape", [(33, 1), (64, 2), (250, 3)])
@each_pair
def test_it_builds_at_any_size_out_of_stock_layers(name, head, shape):
    model = built(name, head, shape)
    expected = (2, shape[0], CLASSES) if head == SAMPLE else (2, CLASSES)
    assert model(np.zeros((2, *shape), np.float32)).shape == expected
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    ends = [number for number, layer in enumerate(model.layers) if isinstance(layer, keras.layers.Reshape)]
    assert ends == ([1, len(model.layers) - 1] if head == SAMPLE else [1])


@each_pair
def test_the_head_can_be_left_out_or_give_probabilities(name, head):
    features = built(name, head, include_top=False, name="encoder")
    assert (len(features.output_shape), features.name) == (3 if head == SAMPLE else 2, "encoder")
    assert not any(layer.name.startswith("head") for layer in features.layers)
    answers = np.asarray(built(name, head, use_logits=False)(sines(4, time=TIME)))
    np.testing.assert_allclose(answers.sum(-1), 1, rtol=1e-5)


@each_pair
def test_training_lowers_the_loss(name, head):
    model, frames = built(name, head), sines(64, time=TIME)
    targets = levels(frames) if head == SAMPLE else np.digitize(np.abs(frames).mean((1, 2)), [0.6, 0.9])
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.run_eagerly = True  # tracing a graph takes longer than these steps
    losses = [model.train_on_batch(frames, targets) for _ in range(4)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", CASES)
def test_what_it_does_not_have_is_an_error(name):
    heads = architecture(name).heads
    for head in {SAMPLE, FRAME, "beat"} - heads:
        with pytest.raises(ConfigError, match=f"{name!r} cannot answer per {head}; it answers per"):
            built(name, head)
    with pytest.raises(ConfigError, match=f"'blokcs'. Did you mean 'blocks'.*{name}"):
        built(name, min(heads), blokcs=[])


PAGES = Path(__file__).parents[2] / "docs" / "models"


@pytest.mark.parametrize("name", ["efficientnetv2", "mobileone", "resnet", "unet"])
def test_its_page_says_what_its_example_costs(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    config = json.loads(re.search(r"```json\n(.*?)```", page, re.S)[1])
    params, heads = config["architecture"]["params"], architecture(name).heads
    model = architecture(name).make((config["frame_size"], 1), params, config["num_classes"], min(heads))
    found = cost(fold(model))
    words = " ".join(page.split())
    assert f"{found.parameters:,} parameters and {found.macs:,} multiply-accumulates per frame" in words


LOAD = """
import sys, keras, numpy as np
frames, answers = np.load(sys.argv[1]), {}
for path in sys.argv[3:]:
    model = keras.saving.load_model(path, safe_mode=True)
    answers[path] = np.asarray(model(frames))
np.savez(sys.argv[2], **answers)
assert not any(name.startswith("heartkit") for name in sys.modules)
"""


def test_saved_models_load_in_safe_mode_in_a_process_without_heartkit(tmp_path):
    frames, models = sines(4, time=TIME), {}
    for name, head in PAIRS:
        path = str(tmp_path / f"{name}_{head}.keras")
        models[path] = settled(name, head)
        models[path].save(path)
    np.save(tmp_path / "x.npy", frames)
    command = [sys.executable, "-c", LOAD, tmp_path / "x.npy", tmp_path / "y.npz", *models]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "y.npz") as answers:
        for path, model in models.items():
            np.testing.assert_allclose(answers[path], np.asarray(model(frames)), atol=1e-5, err_msg=path)


@pytest.mark.parametrize("format", ["INT8", pytest.param("INT16X8", marks=pytest.mark.slow)])
@each_pair
def test_it_runs_on_tflite_micro_within_what_it_should_cost(name, head, format):
    pytest.importorskip("tflite_micro")
    model = fold(settled(name, head))
    params = QuantizationParams.read({"enabled": True, "format": format, "conversion": "CONCRETE"}, "test")
    frames = sines(600, seed=1, time=TIME)
    flat = convert(model, params, frames)
    found = inspect(flat)
    assert set(found.operator_names) <= OPERATORS | MORE_OPERATORS.get(name, set())
    assert found.macs == cost(model).macs
    result = verify(flat, frames[:24], model.predict(frames[:24], verbose=0))
    assert result.largest <= result.limit
    assert result.float_error < (0.1 if format == "INT8" else 0.03)
