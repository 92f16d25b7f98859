import numpy as np
import pytest

from heartkit.models.backend import keras
from heartkit.models.resnet import ARCHITECTURE


def parameters(params, channels, classes):
    """Count the weights from the paper's words: no bias in convolutions, batch norm's four numbers per channel."""

    def convolution(kernel, inputs, outputs):
        return kernel * inputs * outputs + 4 * outputs

    total, width = 0, channels
    if params.get("input_filters"):
        total, width = (
            convolution(params["input_kernel_size"], channels, params["input_filters"]),
            params["input_filters"],
        )
    for block in params["blocks"]:
        f, k = block["filters"], block["kernel_size"]
        for step in range(block["depth"]):
            outputs = 4 * f if block["bottleneck"] else f
            if block["bottleneck"]:
                total += convolution(1, width, f) + convolution(k, f, f) + convolution(1, f, outputs)
            else:
                total += convolution(k, width, f) + convolution(k, f, f)
            if width != outputs or (step == 0 and block["strides"] > 1):
                total += convolution(1, width, outputs)
            width = outputs
    return total + width * classes + classes


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize("input_filters", [0, 8])
def test_it_has_as_many_parameters_as_the_paper_says(bottleneck, input_filters):
    blocks = [
        {"filters": f, "depth": d, "kernel_size": k, "strides": s, "bottleneck": bottleneck}
        for f, d, k, s in ((8, 2, 5, 1), (8, 1, 3, 2), (12, 3, 3, 2))
    ]
    params = {"input_filters": input_filters, "input_kernel_size": 7, "blocks": blocks}
    model = ARCHITECTURE.make((100, 2), params, 3, "frame")
    assert model.count_params() == parameters(params, 2, 3)
    assert model.get_layer("b3_s3_add").output.shape[2] == (13 if input_filters else 25)


def test_a_block_adds_what_it_was_given():
    params = {"blocks": [{"filters": 4, "depth": 2, "activation": "linear"}], "include_top": False}
    model = ARCHITECTURE.make((30, 4), params, 1, "frame")
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    frames = np.random.default_rng(0).normal(size=(3, 30, 4)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(model(frames)), frames.mean(1), atol=1e-6)
