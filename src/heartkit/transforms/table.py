"""The names of the transforms that heartkit ships; listing them imports none."""

from __future__ import annotations

from heartkit.registry import Entry, Registry

PREPROCESSES = {
    "filter": Entry("heartkit.transforms.filter:Filter", "Butterworth filter without transients at the edges"),
    "znorm": Entry("heartkit.transforms.znorm:ZNorm", "mean 0 and standard deviation 1"),
    "layer_norm": Entry("heartkit.transforms.layer_norm:LayerNorm", "layer normalisation over time, per channel"),
}

AUGMENTATIONS = {
    "baseline_wander": Entry("heartkit.transforms.sine_noise:BaselineWander", "a slow sine, as breathing gives"),
    "motion_noise": Entry("heartkit.transforms.motion_noise:MotionNoise", "an irregular slow curve, as movement gives"),
    "powerline_noise": Entry("heartkit.transforms.sine_noise:PowerlineNoise", "mains hum"),
    "burst_noise": Entry("heartkit.transforms.burst_noise:BurstNoise", "short bursts of oscillation"),
    "noise_sources": Entry("heartkit.transforms.noise_sources:NoiseSources", "several interfering sines"),
    "lead_noise": Entry("heartkit.transforms.white_noise:LeadNoise", "white noise, independent in each lead"),
    "nstdb": Entry("heartkit.transforms.background_noise:Nstdb", "recorded wander, electrode motion or muscle noise"),
    "cutout": Entry("heartkit.transforms.cutout:Cutout", "a stretch is lost or drowned in noise, by chance"),
    "amplitude_warp": Entry("heartkit.transforms.amplitude_warp:AmplitudeWarp", "a gain that slowly changes"),
    "random_background_noise": Entry(
        "heartkit.transforms.background_noise:RandomBackgroundNoise", "one or more stretches of recorded noise"
    ),
    "random_sine_wave": Entry("heartkit.transforms.sine_noise:RandomSineWave", "a sine of random frequency and phase"),
    "random_noise": Entry("heartkit.transforms.white_noise:RandomNoise", "white noise"),
    "random_noise_distortion": Entry(
        "heartkit.transforms.motion_noise:RandomNoiseDistortion", "an irregular slow curve"
    ),
    "random_cutout": Entry("heartkit.transforms.random_cutout:RandomCutout", "some stretches become flat"),
    "sine_wave": Entry("heartkit.transforms.sine_noise:SineWave", "always the same sine"),
    "random_augmentation": Entry(
        "heartkit.transforms.random_augmentation:RandomAugmentation", "a few of several augmentations, per frame"
    ),
    "resizing": Entry("heartkit.transforms.resizing:Resizing", "frames of another number of samples"),
}
"""First generation down to ``cutout``, then the second."""

# The values are classes of `heartkit.transforms.base.Transform`, which this module must not import: it loads SciPy.
PreprocessFactory: Registry[type] = Registry("preprocess", "heartkit.preprocesses", PREPROCESSES)
AugmentationFactory: Registry[type] = Registry("augmentation", "heartkit.augmentations", AUGMENTATIONS)
