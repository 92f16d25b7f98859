import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.metaformer import ARCHITECTURE, PoolArgs, pool
from tiny_network import sines

EMBED = {"embed_dim": 8, "patch_shape": [1, 4]}


def made(token="pool", args=None, mlp=None, time=64, embed=EMBED, **changes):
    keras.utils.set_random_seed(3)
    block = {
        "patch_embed": embed,
        "token_mixer": {"name": token, "args": args or {}},
        "channel_mixer": {"name": "mlp", "args": mlp or {}},
    }
    return ARCHITECTURE.make((time, 1), {"blocks": [block]} | changes, 3, "frame")


@pytest.mark.parametrize(
    ("token", "args", "weights"),
    [
        ("pool", {"pool_size": [1, 3]}, 8 + 4 * 8),
        ("conv", {"kernel_size": 5, "embed_dim": 8, "strides": [1, 1]}, 5 * 8 + 64 + 4 * 8),
        ("attention", {"num_heads": 2, "embedding": None}, 4 * (64 + 4 * 8)),
        ("attention", {"num_heads": 2, "embed_dim": 3}, 3 * 2 * (8 * 3 + 4 * 3) + 48 + 4 * 8 + 2 * (2 * 16 - 1)),
    ],
)
def test_each_mixer_has_the_weights_that_its_parameters_name(token, args, weights):
    mlp = 8 * 16 + 4 * 16 + 16 * 8 + 4 * 8
    embed = 4 * 8 + 4 * 8
    assert made(token, args, {"ratio": 2}).count_params() == embed + 2 * (weights + mlp) + 8 * 3 + 3


def test_pooling_is_the_difference_from_the_mean_around():
    inputs = keras.Input((1, 20, 2))
    model = keras.Model(inputs, pool(inputs, PoolArgs(), "p"))
    model.get_layer("p_scale").set_weights([np.ones((1, 1, 2, 1))])
    x = np.random.default_rng(0).normal(size=(1, 1, 20, 2)).astype(np.float32)
    around = np.stack([x[0, 0, max(0, i - 1) : i + 2].mean(0) for i in range(20)])
    np.testing.assert_allclose(np.asarray(model(x))[0, 0], (around - x[0, 0]) / np.sqrt(1 + 1e-3), atol=1e-5)


def test_patches_do_not_overlap_unless_asked_for():
    assert made().get_layer("b1_embed").output.shape == (None, 1, 16, 8)
    wide = EMBED | {"stride_shape": [1, 2], "padding": "valid"}
    assert made(embed=wide).get_layer("b1_embed").output.shape == (None, 1, 31, 8)


def test_a_stage_may_be_without_patches():
    blocks = [
        {"patch_embed": EMBED, "token_mixer": {"name": "conv"}},
        {"patch_embed": {}, "token_mixer": {"name": "pool"}},
    ]
    model = ARCHITECTURE.make((64, 1), {"blocks": blocks, "output_filters": 5}, 3, "frame")
    assert model.get_layer("b2_l2_channel_add").output.shape == (None, 1, 16, 8)
    assert model.get_layer("neck").output.shape[-1] == 5


def test_stochastic_depth_grows_with_depth():
    rates = {layer.name: layer.rate for layer in made(drop_connect_rate=0.4).layers if layer.name.endswith("_drop")}
    assert rates == {"b1_l2_token_drop": 0.2, "b1_l2_channel_drop": 0.2}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"token": "fourier"}, r"token_mixer.name must be 'pool', 'conv' or 'attention', got 'fourier'"),
        ({"token": "conv", "args": {"kernel": 3}}, r"Unknown key 'kernel'. .*blocks\[0\] of 'metaformer'.token_mixer"),
        ({"token": "conv", "args": {"strides": 2}}, "strides must be at most 1, got 2"),
        ({"token": "conv", "args": {"embed_dim": 12}}, "embed_dim 12 must be the stage's 8 channels"),
        ({"mlp": {"embed_dim": 12}}, "embed_dim 12 must be the stage's 8 channels"),
        ({"mlp": {"activation": "gelu"}}, "activation must be .*'relu6'"),
        ({"token": "attention", "args": {"num_heads": 3}}, "num_heads 3 must divide the stage's 8 channels"),
        ({"embed": EMBED | {"padding": "valid"}, "time": 3}, "3 steps are left, fewer than patch_shape 4"),
    ],
)
def test_what_cannot_be_used_is_named(given, message):
    with pytest.raises(ConfigError, match=message):
        made(**given)


def test_it_answers_for_frames():
    assert made()(sines(2, time=64)).shape == (2, 3)
