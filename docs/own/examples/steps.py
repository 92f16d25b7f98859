"""An augmentation and a preprocess of one's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import heartkit as hk
from heartkit.transforms.base import Frames, Params, Preprocess, Transform
from heartkit.transforms.pipeline import build_augmentations, build_preprocesses


class SwapParams(Params):
    """What ``params`` of ``swapped_electrodes`` may hold."""

    probability: float = Field(default=0.5, ge=0, le=1)


class SwappedElectrodes(Transform[SwapParams, NDArray[np.bool_]]):
    """Turn frames upside down by chance, as swapped electrodes do."""

    params_type = SwapParams

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> NDArray[np.bool_]:
        """Draw which frames of a batch are turned: all randomness is here."""
        return rng.random(batch) < self.params.probability

    def apply(self, frames: Frames, drawn: NDArray[np.bool_]) -> Frames:
        """Return new frames, (batch, frame_size, channels): a pure function of both arguments."""
        return np.where(drawn[:, None, None], -frames, frames)


class ClipParams(Params):
    """What ``params`` of ``clip`` may hold."""

    limit: float = Field(default=3.0, gt=0)


class Clip(Preprocess[ClipParams]):
    """Cut off what lies beyond a limit."""

    params_type = ClipParams

    def apply(self, frames: Frames, drawn: None) -> Frames:
        """Return the frames within -limit .. limit."""
        return np.clip(frames, -self.params.limit, self.params.limit)


def main() -> None:
    """Register both, build them as a configuration would, and use them."""
    hk.AugmentationFactory.register("swapped_electrodes", SwappedElectrodes)
    hk.PreprocessFactory.register("clip", Clip)
    augment = build_augmentations(
        [hk.AugmentationParams(name="swapped_electrodes", params={"probability": 0.2})], sampling_rate=100
    )
    preprocess = build_preprocesses(
        [hk.PreprocessParams(name="znorm"), hk.PreprocessParams(name="clip", params={"limit": 2.5})], sampling_rate=100
    )
    rng = np.random.default_rng(1)
    frames = rng.standard_normal((1000, 256, 1), np.float32) + 5
    turned = augment(frames, rng)
    print(f"{(turned.mean(axis=1) < 0).mean():.0%} of the frames are upside down")
    print(f"largest value {preprocess(turned).max():.2f}")


if __name__ == "__main__":
    main()
