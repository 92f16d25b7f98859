import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.unext import ARCHITECTURE
from tiny_network import sines


def parameters(blocks, channels, classes):
    """Count the weights from the page's words, with batch norm's four numbers per channel."""

    def steps(p, width, depth):
        f, hidden = p["filters"], round(p["filters"] * p["expand_ratio"])
        squeezed = int(hidden / p["se_ratio"]) if p["se_ratio"] else 0
        first = width * f + 4 * f if width != f and depth else 0
        excite = 2 * hidden * squeezed + squeezed + hidden if squeezed else 0
        return first + depth * (p["kernel"] * f + 4 * f + f * hidden + hidden + excite + hidden * f + f)

    total, width = 0, channels
    for p in blocks:
        total, width = total + steps(p, width, p["depth"]), p["filters"]
    for p in reversed(blocks):
        f = p["filters"]
        into = width + (f if p["skip"] else 0)
        total, width = total + into * f + 4 * f + steps(p, f, p["ddepth"]), f
    return total + 3 * width * classes + classes


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize(("ddepth", "se_ratio", "expand_ratio"), [(0, 0, 1), (2, 4, 2), (1, 2, 1.5)])
def test_it_has_the_layers_that_its_parameters_name(skip, ddepth, se_ratio, expand_ratio):
    shared = {"depth": 2, "ddepth": ddepth, "kernel": 5, "se_ratio": se_ratio, "expand_ratio": expand_ratio}
    blocks = [{"filters": f, "skip": skip, "norm": "batch"} | shared for f in (6, 10)]
    model = ARCHITECTURE.make((40, 2), {"blocks": blocks}, 3)
    assert model.count_params() == parameters(blocks, 2, 3)


def test_per_frame_it_is_the_way_down():
    blocks = [{"filters": 6, "norm": "batch"}, {"filters": 10, "norm": "batch"}]
    model = ARCHITECTURE.make((40, 1), {"blocks": blocks}, 3, "frame")
    whole = ARCHITECTURE.make((40, 1), {"blocks": blocks}, 3)
    down = {layer.name for layer in whole.layers if layer.name.startswith("down") and layer.name != "down2_pool"}
    assert {layer.name for layer in model.layers if layer.weights} - {"head"} <= down
    assert not any(layer.name.startswith("up") for layer in model.layers)
    assert model.get_layer("head").kernel.shape == (10, 3)


def test_a_level_without_its_own_weights_is_its_shortcut():
    blocks = [{"filters": 4, "norm": "batch", "kernel": 3}]
    model = ARCHITECTURE.make((32, 4), {"blocks": blocks}, 2)
    model.get_layer("down1_s1_pw").set_weights([np.zeros((1, 1, 4, 4)), np.zeros(4)])
    import keras

    frames = np.concatenate([sines(2, seed, time=32) for seed in range(4)], -1)
    level = keras.Model(model.input, model.get_layer("down1_s1_add").output)
    np.testing.assert_allclose(np.asarray(level(frames))[:, 0], frames, rtol=1e-6)


def test_defaults_are_those_of_the_specification():
    model = ARCHITECTURE.make((64, 1), {"blocks": [{"filters": 6}]}, 2)
    pool = model.get_layer("down1_pool")
    assert (pool.pool_size, pool.strides) == ((1, 2), (1, 2))
    assert type(model.get_layer("down1_s1_dw_norm")).__name__ == "DepthwiseConv2D"  # the scale of a layer norm


def test_a_parameter_of_unet_is_named():
    with pytest.raises(ConfigError, match=r"'blocks\[0\].seperable'"):
        ARCHITECTURE.make((64, 1), {"blocks": [{"filters": 6, "seperable": True}]}, 2)
