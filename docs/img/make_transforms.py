"""Draw ``transforms.png``: one synthetic ECG frame through every augmentation and preprocess.

Run from the repository's root: ``.venv/bin/python docs/img/make_transforms.py``.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

import heartkit as hk
from heartkit.transforms.pipeline import build_augmentations, build_preprocesses

RATE, SIZE, SEED = 100, 400, 7
STRONG = {
    "amplitude_warp": {"amplitude": [0.4, 1.6]},
    "baseline_wander": {"amplitude": [1.0, 1.0], "frequency": [0.4, 0.4]},
    "burst_noise": {"burst_number": [3, 3], "amplitude": [1, 1]},
    "cutout": {"probability": [1, 1], "width": [0.2, 0.2]},
    "lead_noise": {"scale": [0.2, 0.2]},
    "motion_noise": {"amplitude": [0.8, 0.8]},
    "noise_sources": {"num_sources": [3, 3], "amplitude": [0.2, 0.3]},
    "nstdb": {"noise_level": [0.6, 0.6]},
    "powerline_noise": {"amplitude": [0.3, 0.3]},
    "random_augmentation": {"layers": [{"name": "lead_noise"}, {"name": "baseline_wander"}, {"name": "cutout"}]},
    "random_background_noise": {"amplitude": [0.4, 0.4], "num_noises": 2},
    "random_cutout": {"cutouts": 3, "factor": [0.05, 0.1]},
    "random_noise": {"factor": [0.2, 0.2]},
    "random_noise_distortion": {"amplitude": [0.8, 0.8]},
    "random_sine_wave": {"amplitude": [1.0, 1.0]},
    "resizing": {"duration": 200},
    "sine_wave": {"amplitude": 0.8, "frequency": 2.0},
    "filter": {"lowcut": 0.5, "highcut": 15.0},
}
"""Parameters stronger than the defaults, so that each step can be seen."""


def frame() -> NDArray[np.float32]:
    """Return one frame of lead II, (1, SIZE, 1), in mV."""
    params = {"num_pts": 1, "params": {"presets": ["SR"], "heart_rate": 70, "noise_multiplier": 0}}
    record = hk.DatasetFactory.get("ecg-synthetic")(Path(), params).read("0")
    return record.signals[1, :SIZE].reshape(1, SIZE, 1)


def main(file: Path) -> None:
    """Draw all steps, sorted by name, preprocesses last."""
    rng, clean = np.random.default_rng(SEED), frame()
    names = [(name, False) for name in hk.AugmentationFactory.list()]
    names += [(name, True) for name in hk.PreprocessFactory.list()]
    figure, axes = plt.subplots(-(-len(names) // 4), 4, figsize=(13, 9.5), layout="constrained")
    for axis, (name, fixed) in zip(axes.flat, names, strict=False):
        kind, build = (
            (hk.PreprocessParams, build_preprocesses) if fixed else (hk.AugmentationParams, build_augmentations)
        )
        made = build([kind(name=name, params=STRONG.get(name, {}))], RATE)(clean, rng)[0, :, 0]
        if not fixed:
            axis.plot(clean[0, :, 0], color="#bbbbbb", linewidth=1)
        axis.plot(made, color="#0072b2", linewidth=1.1)
        axis.set_title(f"{name} (preprocess)" if fixed else name, fontsize=10)
        axis.set_xlim(0, SIZE)
        axis.tick_params(labelsize=7)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    figure.supxlabel("sample (100 Hz)", fontsize=9)
    figure.supylabel("mV; of znorm and layer_norm, standard deviations", fontsize=9)
    figure.savefig(file, dpi=80)


if __name__ == "__main__":
    main(Path(__file__).with_name("transforms.png"))
