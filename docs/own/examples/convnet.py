"""An architecture of one's own: plain convolutions, one answer per sample."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

import heartkit as hk
from heartkit.models.architecture import SAMPLE, Architecture, finish
from heartkit.models.backend import keras
from heartkit.models.cost import cost
from heartkit.models.params import Kernel, TopParams


class ConvNetParams(TopParams):
    """What ``architecture.params`` may hold, besides ``include_top``, ``use_logits`` and ``name``."""

    filters: list[int] = Field(min_length=1, description="Channels of each layer")
    kernel: Kernel = Field(default=7, description="Kernel length in samples, n or [1, n]")


def build(inputs: keras.KerasTensor, params: ConvNetParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Turn frames (batch, time, channels) into logits (batch, time, num_classes); `head` is one of `heads` below."""
    time, channels = inputs.shape[1:]
    # (1, kernel) convolutions on (batch, 1, time, channels) convert to one operator each; 1-D ones bring reshapes.
    x = keras.layers.Reshape((1, time, channels))(inputs)
    for filters in params.filters:
        x = keras.layers.Conv2D(filters, (1, params.kernel), padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation("relu6")(x)
    x = keras.layers.Conv2D(num_classes, (1, 1))(x)
    return finish(keras.layers.Reshape((time, num_classes))(x), params)


ARCHITECTURE = Architecture(
    name="convnet",
    summary="plain convolutions",
    params=ConvNetParams,
    build=build,
    heads=frozenset({SAMPLE}),
    example={"filters": [4, 8], "kernel": [1, 5]},
)


def main(folder: Path) -> None:
    """Register the architecture, count its cost, and train it."""
    hk.ModelFactory.register(ARCHITECTURE.name, ARCHITECTURE, ARCHITECTURE.summary)
    params = {"filters": [8, 16], "kernel": [1, 7]}
    found = cost(ARCHITECTURE.make((256, 1), params, num_classes=4))
    print(f"{found.parameters:,} parameters, {found.macs:,} MACs per frame")
    hk.TaskFactory.get("segmentation").train(
        hk.HKTrainParams(
            job_dir=folder / "results",
            cache_dir=folder / "cache",
            datasets=[hk.DatasetParams(name="ecg-synthetic", params={"num_pts": 10})],
            sampling_rate=100,
            frame_size=256,
            num_classes=4,
            samples_per_patient=20,
            val_samples_per_patient=10,
            epochs=1,
            steps_per_epoch=2,
            preprocesses=[hk.PreprocessParams(name="znorm")],
            architecture=hk.ModelArchitecture(name="convnet", params=params),
        )
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
