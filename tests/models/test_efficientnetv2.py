import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.efficientnetv2 import ARCHITECTURE
from tiny_network import sines


def config(filters, **changes):
    """A configuration as the predecessor's zoo has them."""
    block = {"depth": 2, "kernel_size": [1, 9], "strides": [1, 2], "ex_ratio": 1, "se_ratio": 2}
    return {
        "input_filters": 24,
        "input_kernel_size": [1, 9],
        "input_strides": [1, 2],
        "blocks": [{"filters": f} | block for f in filters],
        "output_filters": 0,
        "include_top": True,
    } | changes


def parameters(params, channels, classes):
    """Count the weights from the paper's words, with batch norm's four numbers per channel."""
    width = params["input_filters"]
    total = params["input_kernel_size"][1] * channels * width + 4 * width
    for block in params["blocks"]:
        for _ in range(block["depth"]):
            hidden = round(width * block["ex_ratio"])
            if block["ex_ratio"] != 1:
                total += width * hidden + 4 * hidden
            total += block["kernel_size"][1] * hidden + 4 * hidden
            if block["se_ratio"]:
                squeezed = int(width / block["se_ratio"])
                total += 2 * hidden * squeezed + squeezed + hidden
            width_before, width = hidden, block["filters"]
            total += width_before * width + 4 * width
    if params["output_filters"]:
        total, width = total + width * params["output_filters"] + 4 * params["output_filters"], params["output_filters"]
    return total + width * classes + classes


@pytest.mark.parametrize("extra", [{}, {"ex_ratio": 3}, {"se_ratio": 0}, {"depth": 1, "ex_ratio": 1.5, "se_ratio": 4}])
@pytest.mark.parametrize("output_filters", [0, 20])
def test_it_has_as_many_parameters_as_the_paper_says(extra, output_filters):
    params = config((24, 32), output_filters=output_filters)
    params["blocks"] = [block | extra for block in params["blocks"]]
    assert ARCHITECTURE.make((100, 2), params, 3, "frame").count_params() == parameters(params, 2, 3)


@pytest.mark.parametrize(("filters", "size"), [((24, 32, 40, 48), 24_816), ((32, 48, 64, 80), 54_256)])
@pytest.mark.parametrize("time", [512, 800])
def test_the_zoo_s_sizes_can_be_had(filters, size, time):
    model = ARCHITECTURE.make((time, 1), config(filters), 4, "frame")
    assert model.count_params() == parameters(config(filters), 1, 4) == size
    assert model.get_layer("b4_s2_pw").output.shape[2] == time // 32


def test_stochastic_depth_grows_with_depth_unless_a_block_says_otherwise():
    params = config((24, 24, 24), drop_connect_rate=0.6)
    params["blocks"][1] |= {"droprate": 0.45}
    for block in params["blocks"]:
        block["strides"] = 1
    layers = ARCHITECTURE.make((64, 1), params, 2, "frame").layers
    rates = [(layer.name, layer.rate) for layer in layers if layer.name.endswith("_drop")]
    expected = [("b1_s2", 0.1), ("b2_s1", 0.45), ("b2_s2", 0.45), ("b3_s1", 0.4), ("b3_s2", 0.5)]
    assert [name.removesuffix("_drop") for name, _ in rates] == [name for name, _ in expected]
    np.testing.assert_allclose([rate for _, rate in rates], [rate for _, rate in expected])


def test_stochastic_depth_leaves_a_branch_out_for_whole_frames():
    block = {"filters": 8, "strides": 1, "droprate": 0.5, "se_ratio": 0}
    params = {"input_filters": 8, "blocks": [block], "norm": None, "include_top": False}
    keras.utils.set_random_seed(1)
    model, frames = ARCHITECTURE.make((32, 1), params, 2, "frame"), sines(40, time=32)
    before = keras.Model(model.input, model.get_layer("stem_act").output)(frames)
    after = keras.Model(model.input, model.get_layer("b1_s1_add").output)
    gain = np.asarray(after(frames, training=True)) - np.asarray(before)
    full = np.asarray(after(frames)) - np.asarray(before)
    kept = np.abs(gain).max((1, 2, 3)) > 0
    assert 8 < kept.sum() < 32
    np.testing.assert_allclose(gain[kept], 2 * full[kept], atol=1e-5)


def test_batch_norm_has_the_block_s_momentum():
    params = config((24,))
    params["blocks"][0]["bn_momentum"] = 0.5
    model = ARCHITECTURE.make((64, 1), params, 2, "frame")
    assert {model.get_layer(f"b1_s2_{part}_norm").momentum for part in ("dw", "pw")} == {0.5}


def test_there_is_no_first_or_last_convolution_unless_asked_for():
    names = [layer.name for layer in ARCHITECTURE.make((64, 1), {"blocks": [{"filters": 8}]}, 2, "frame").layers]
    assert "stem" not in names
    assert "neck" not in names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop_connect_rate": 1}, "drop_connect_rate must be less than 1"),
        ({"blocks": [{"filters": 8, "kernel_size": [9, 1]}]}, r"blocks\[0\].kernel_size must be n or \[1, n\]"),
        ({"blocks": [{"filters": 8, "expand_ratio": 2}]}, r"'blocks\[0\].expand_ratio'"),
        ({"norm": "group"}, "norm must be 'batch' or 'layer'"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(change, message):
    with pytest.raises(ConfigError, match=message):
        ARCHITECTURE.make((64, 1), config((24,)) | change, 2, "frame")
