import numpy as np
import pytest

from heartkit.models import mobileone, tcn
from heartkit.models.backend import keras
from heartkit.models.cost import cost
from heartkit.models.files import load_model
from heartkit.models.fold import fold
from tiny_network import sines, tcn_params

layers = keras.layers


def shaken(model):
    """Give batch norm statistics and every bias a value, as a training does."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            spread = [
                rng.uniform(0.5, 1.5, w.shape) if w.min() >= 0.5 else rng.normal(0, 0.3, w.shape)
                for w in layer.get_weights()
            ]
            layer.set_weights(spread)
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 0.3, layer.bias.shape))
    return model


def assert_equal_answers(model, other):
    frames = np.random.default_rng(2).normal(size=(6, *model.input_shape[1:])).astype(np.float32)
    np.testing.assert_allclose(np.asarray(other(frames)), np.asarray(model(frames)), atol=1e-4)


def count(model, kind):
    return sum(type(layer) is kind for layer in model.layers)


@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("shapes", [((1, 0), (3, 1), (5, 2), (4, 2)), ((3, 0), (5, 1), (4, 1), (5, 6))])
def test_mobileone_answers_the_same_with_one_convolution_for_each_sum(shapes, strides):
    # 500 samples become odd and even numbers of samples, by which zeros are put to one end or both.
    blocks = [{"filters": 6, "kernel_size": k, "padding": p, "strides": strides} for k, p in shapes]
    blocks[-1] |= {"depth": 2, "se_depth": 1, "se_ratio": 2}
    params = {"input_filters": 6, "input_kernel_size": 4, "input_strides": strides, "blocks": blocks}
    model = shaken(mobileone.ARCHITECTURE.make((500, 2), params, 3, "frame"))
    folded = fold(model)
    assert_equal_answers(model, folded)
    assert (
        count(folded, layers.Add) == count(folded, layers.BatchNormalization) == count(folded, layers.Cropping2D) == 0
    )
    assert cost(folded).macs < cost(model).macs
    assert folded.name == model.name


def test_a_stored_model_folds_and_the_first_one_stays_as_it_was(tmp_path):
    params = {"blocks": [{"filters": 6, "padding": 1, "depth": 2}]}
    model = mobileone.ARCHITECTURE.make((50, 1), params, 2, "frame")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.run_eagerly = True
    for _ in range(3):
        model.train_on_batch(sines(16, time=50), np.arange(16) % 2)
    before = model.get_weights()
    assert_equal_answers(model, fold(model))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    model.save(tmp_path / "model.keras")
    fold(load_model(tmp_path / "model.keras")).save(tmp_path / "folded.keras")
    assert_equal_answers(model, load_model(tmp_path / "folded.keras"))


@pytest.mark.parametrize("block_type", ["mb", "sm", "lg"])
@pytest.mark.parametrize("norm", ["batch", None])
def test_the_branches_of_a_tcn_fold_too(block_type, norm):
    params = tcn_params(block_type, norm, branch=3, dilation=3)
    model = shaken(tcn.ARCHITECTURE.make((60, 1), params, 2))
    folded = fold(model)
    assert_equal_answers(model, folded)
    assert not [layer.name for layer in folded.layers if layer.name.endswith("_sum") and type(layer) is layers.Add]
    branches = tcn.ARCHITECTURE.make((60, 1), tcn_params(block_type, norm, dilation=3), 2)
    assert cost(folded).macs == cost(branches).macs


def test_layers_composed_of_operations_stay():
    model = shaken(tcn.ARCHITECTURE.make((60, 1), tcn_params(norm="layer", branch=2) | {"input_norm": "batch"}, 2))
    assert fold(model) is model
    blocks = [{"filters": 8, "norm": norm, "branch": 2} for norm in ("layer", "batch")]
    model = shaken(tcn.ARCHITECTURE.make((60, 1), {"blocks": blocks}, 2))
    assert_equal_answers(model, fold(model))
    assert fold(model) is not model


def network(branches):
    """A model that sums what `branches` make of one tensor (batch, 1, 20, 4)."""
    inputs = keras.Input((20, 4))
    x = layers.Reshape((1, 20, 4))(inputs)
    return shaken(keras.Model(inputs, layers.Add()(branches(x))))


def test_a_shortcut_around_a_linear_convolution_folds():
    model = network(lambda x: [x, layers.Conv2D(4, (1, 3), padding="same")(x)])
    assert_equal_answers(model, fold(model))
    assert count(fold(model), layers.Add) == 0


def test_a_depthwise_beside_a_full_convolution_becomes_a_full_one():
    same = {"padding": "same", "strides": 2}
    model = network(lambda x: [layers.DepthwiseConv2D((1, 5), **same)(x), layers.Conv2D(4, (1, 2), **same)(x)])
    assert_equal_answers(model, fold(model))
    assert count(fold(model), layers.Conv2D) == 1


@pytest.mark.parametrize("kind", [layers.Conv2D, layers.DepthwiseConv2D])
def test_convolutions_without_bias_or_norm_fold(kind):
    size = [4] if kind is layers.Conv2D else []
    model = network(lambda x: [kind(*size, (1, k), padding="same", use_bias=False)(x) for k in (3, 5)])
    assert_equal_answers(model, fold(model))
    assert count(fold(model), kind) == 1


def test_a_branch_that_is_used_elsewhere_stays_for_that():
    def branches(x):
        y = layers.Conv2D(4, (1, 3), padding="same")(x)
        return [layers.Multiply()([y, x]), layers.Add()([y, x])]

    model = network(branches)
    assert_equal_answers(model, fold(model))
    assert count(fold(model), layers.Conv2D) == 2


@pytest.mark.parametrize(
    "branches",
    [
        lambda x: [x, layers.Conv2D(4, (1, 3), padding="same", activation="relu")(x)],
        lambda x: [x, layers.Activation("relu6")(layers.Conv2D(4, (1, 3), padding="same")(x))],
        lambda x: [layers.Conv2D(4, (1, 3), padding="same", dilation_rate=(1, d))(x) for d in (2, 3)],
        lambda x: [layers.Conv2D(4, (1, 3), padding="same", groups=2)(x), x],
        lambda x: [layers.Conv2D(4, (1, 1))(x), layers.Conv2D(4, (1, 1))(layers.Activation("relu")(x))],
        lambda x: [x, layers.BatchNormalization()(x)],
        lambda x: [x, layers.GlobalAveragePooling2D(keepdims=True)(x)],
    ],
    ids=["activation", "activation layer", "dilations", "groups", "two roots", "no convolution", "other shapes"],
)
def test_what_is_not_one_convolution_is_left_as_it_is(branches):
    model = network(branches)
    assert fold(model) is model
