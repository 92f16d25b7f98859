"""What holds for every architecture: those that are registered, with each of their heads."""

import json
import re
import subprocess
import sys
import tempfile
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
from heartkit.models.quantise_aware import observe, quantise_aware
from heartkit.params import QuantizationParams
from tiny_network import levels, sines

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)  # Keras' own
TIME, CLASSES = 64, 3
FROM_FILE = "keras-file"
BY_ITS_STEPS = {("conformer", SAMPLE), ("tsmixer", SAMPLE)}
"""Pairs whose strides must divide the frame."""


def architecture(name):
    return ModelFactory.get(name)


PAIRS = [(name, head) for name in ModelFactory.list() for head in sorted(architecture(name).heads)]
each_pair = pytest.mark.parametrize(("name", "head"), PAIRS)


@cache
def params_of(name, head=None, shape=(TIME, 1)):
    """The architecture's own small example; for a model from a file, such a file."""
    if name != FROM_FILE:
        return architecture(name).example
    blocks = [{"filters": 6, "kernel": 5, "norm": "batch", "se_ratio": 2}]
    model = architecture("tcn").make(shape, {"blocks": blocks, "name": "saved"}, CLASSES, head)
    path = Path(tempfile.mkdtemp()) / "model.keras"
    model.save(path)
    return {"path": str(path)}


def built(name, head, shape=(TIME, 1), /, **changes):
    keras.utils.set_random_seed(7)
    return architecture(name).make(shape, {**params_of(name, head, shape), **changes}, CLASSES, head)


@cache
def settled(name, head, shape=(TIME, 1)):
    """A network as after a training: with the frames' statistics in its batch norm, and no two biases alike.

    In int16x8 the converter stores equal biases once, in the units of one of the layers, and is wrong in the other.
    """
    model, rng = built(name, head, shape), np.random.default_rng(7)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.gamma.assign(layer.gamma * rng.uniform(0.5, 1.5, layer.gamma.shape))
        layer.beta.assign(rng.uniform(0, 0.7, layer.beta.shape))
        layer.momentum = 0
    for layer in model.layers:
        if getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.uniform(0.1, 0.6, layer.bias.shape))
        elif layer.name.endswith("_distances"):
            layer.kernel.assign(rng.normal(0, 0.5, layer.kernel.shape))
    model(waves(200, 0, shape), training=True)
    return model


def waves(count, seed, shape):
    """Sine waves, others in each lead."""
    time, leads = shape
    return np.concatenate([sines(count, seed=seed + 100 * lead, time=time) for lead in range(leads)], axis=-1)


@pytest.mark.parametrize("name", ModelFactory.list())
def test_it_has_an_example_to_be_tried_with(name):
    assert architecture(name).name == name
    assert name == FROM_FILE or architecture(name).example, "give its Architecture an `example`"


@pytest.mark.parametrize("shape", [(33, 1), (250, 3)])
@each_pair
def test_it_builds_at_any_size_out_of_stock_layers(name, head, shape):
    if (name, head) in BY_ITS_STEPS and shape[0] % 2:
        with pytest.raises(ConfigError, match="set frame_size to 32, or another multiple of 2"):
            built(name, head, shape)
        return
    model = built(name, head, shape)
    expected = (2, shape[0], CLASSES) if head == SAMPLE else (2, CLASSES)
    assert model(np.zeros((2, *shape), np.float32)).shape == expected
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}


@pytest.mark.parametrize(("name", "head"), [pair for pair in PAIRS if pair[0] != FROM_FILE])
def test_the_head_can_be_left_out(name, head):
    features = built(name, head, include_top=False, name="encoder")
    assert (len(features.output_shape), features.name) == (3 if head == SAMPLE else 2, "encoder")
    assert not any(layer.name.startswith("head") for layer in features.layers)


@each_pair
def test_one_training_step_lowers_the_loss(name, head):
    """Of the same frames, in training mode, with the same units dropped: what is lower is so by the step alone."""
    model, frames = built(name, head), sines(32, time=TIME)
    targets = levels(frames) if head == SAMPLE else np.digitize(np.abs(frames).mean((1, 2)), [0.6, 0.9])
    model.compile(keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.run_eagerly = True  # tracing a graph takes longer than these steps
    seeds = [variable for variable in model.variables if "seed_generator" in variable.path]
    first = [np.asarray(seed) for seed in seeds]

    def step():
        for seed, value in zip(seeds, first, strict=True):
            seed.assign(value)
        return float(model.train_on_batch(frames, targets))  # the loss is that of before the step

    before, after = step(), step()
    assert after < before
    assert dropout_of(model) == (len(seeds) > 0), "a random state that is not put back"


def dropout_of(model):
    """Whether units are dropped in training."""
    return any("Dropout" in type(layer).__name__ and layer.rate > 0 for layer in model.layers)


@pytest.mark.parametrize("name", ModelFactory.list())
def test_what_it_does_not_have_is_an_error(name):
    heads = architecture(name).heads
    for head in {SAMPLE, FRAME, "beat"} - heads:
        names = "none" if head == "beat" else "conformer, .*tcn"
        error = f"{name!r} cannot answer per {head}; it answers per .*Those that answer per {head}: {names}"
        with pytest.raises(ConfigError, match=error):
            architecture(name).make((TIME, 1), {}, CLASSES, head)
    with pytest.raises(ConfigError, match=f"Unknown key 'blokcs'.*{name}"):
        built(name, min(heads), blokcs=[])


PAGES = Path(__file__).parents[2] / "docs" / "models"
WITH_COSTS = ["efficientnetv2", "mobileone", "resnet", "unet", "unext", "conformer", "metaformer", "tsmixer"]


@pytest.mark.parametrize("name", WITH_COSTS)
def test_its_page_says_what_its_example_costs(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    config = json.loads(re.search(r"```json\n(.*?)```", page, re.S)[1])
    params, heads = config["architecture"]["params"], architecture(name).heads
    head = SAMPLE if SAMPLE in heads else FRAME
    model = architecture(name).make((config["frame_size"], 1), params, config["num_classes"], head)
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


def in_int(format, model, frames):
    """Convert a model, as `heartkit export` does."""
    params = QuantizationParams.read({"enabled": True, "format": format, "conversion": "CONCRETE"}, "test")
    return convert(fold(model), params, frames)


def left_of_batch_norm(found):
    """The operators that only multiply or add what batch norm does; folded ones are part of a convolution."""
    written = [(operator.name, found.tensors[operator.outputs[0]].name) for operator in found.operators]
    return [name for name, tensor in written if name in ("MUL", "ADD", "SUB") and "batchnorm" in tensor]


def odd(name, head):
    """Return an odd frame size, or one whose half is, where the strides of 2 must divide it; and three leads."""
    return (50 if (name, head) in BY_ITS_STEPS else 51), 3


FORMATS = ["INT8", pytest.param("INT16X8", marks=pytest.mark.slow)]


@pytest.mark.parametrize("format", FORMATS)
@each_pair
def test_it_runs_on_tflite_micro_within_what_it_should_cost(name, head, format):
    runs_within_its_cost(name, head, format, (TIME, 1))


@pytest.mark.slow
@pytest.mark.parametrize("format", ["INT8", "INT16X8"])
@each_pair
def test_it_does_so_with_several_leads_and_an_odd_frame_size(name, head, format):
    runs_within_its_cost(name, head, format, odd(name, head))


def runs_within_its_cost(name, head, format, shape):
    pytest.importorskip("tflite_micro")
    model, frames = settled(name, head, shape), waves(520, 1, shape)
    flat = in_int(format, model, frames)
    found = inspect(flat)
    assert set(found.operator_names) <= architecture(name).operators
    assert not left_of_batch_norm(found)
    inner = found.operator_names
    while inner[0] in ("RESHAPE", "QUANTIZE"):
        inner = inner[1:]
    while inner[-1] in ("RESHAPE", "FULLY_CONNECTED"):
        inner = inner[:-1]
    assert "RESHAPE" not in inner
    assert found.macs == cost(fold(model)).macs
    result = verify(flat, frames[:24], model.predict(frames[:24], verbose=0))
    assert result.largest <= result.limit
    assert result.float_error < (0.15 if format == "INT8" else 0.03)


def test_batch_norm_that_does_not_fold_would_be_seen():
    inputs = keras.Input((TIME, 1))
    x = keras.layers.Reshape((1, TIME, 1))(inputs)
    x = keras.layers.Conv2D(4, (1, 3), activation="relu6", padding="same")(x)
    x = keras.layers.BatchNormalization(beta_initializer="ones")(x)  # behind an activation
    flat = in_int("INT8", keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x)), sines(520, time=TIME))
    assert left_of_batch_norm(inspect(flat)) == ["MUL", "ADD"]


@pytest.mark.slow
@each_pair
def test_it_can_be_trained_as_it_is_quantised(name, head):
    """The trained ranges are what int8 has: TFLite-Micro answers as the network with its rounding."""
    pytest.importorskip("tflite_micro")
    model, frames = quantise_aware(settled(name, head)), sines(600, seed=1, time=TIME)
    observe(model, [frames])
    flat = convert(model, QuantizationParams(enabled=True, qat=True, conversion="CONCRETE"))
    assert inspect(flat).float_operators() == []
    some = frames[:24]
    assert verify(flat, some, model.predict(some, verbose=0)).float_error < 0.12
    exact = settled(name, head).predict(some, verbose=0)
    assert np.abs(model.predict(some, verbose=0) - exact).max() < 0.15 * np.ptp(exact)
