"""What holds for every transform that is registered."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from heartkit.errors import ConfigError, UnknownNameError
from heartkit.transforms.base import Preprocess
from heartkit.transforms.pipeline import Pipeline, build_augmentations, build_preprocesses, build_step
from heartkit.transforms.table import AUGMENTATIONS, PREPROCESSES, AugmentationFactory, PreprocessFactory

RATE = 100.0
NEEDED = {
    "filter": {"lowcut": 0.5, "highcut": 40},
    "resizing": {"duration": 100},
    "random_augmentation": {"layers": [{"name": "lead_noise"}, {"name": "cutout", "params": {"prob": 1}}]},
}
# Every parameter that the specification (models.md) lists for a name.
SPECIFIED = {
    "filter": {"lowcut": 0.5, "highcut": 40, "order": 3, "forward_backward": True, "axis": 0},
    "znorm": {"eps": 0.01, "axis": None},
    "layer_norm": {"epsilon": 0.01, "name": "znorm"},
    "baseline_wander": {"amplitude": [0, 0.5], "frequency": [0.5, 1.5]},
    "motion_noise": {"amplitude": [0, 0.5], "frequency": [1, 2]},
    "powerline_noise": {"amplitude": [0.05, 0.15], "frequency": [45, 50]},
    "burst_noise": {"burst_number": [0, 4], "amplitude": [0.05, 0.15], "frequency": [20, 49]},
    "noise_sources": {"num_sources": [1, 2], "amplitude": [0.05, 0.15], "frequency": [10, 40]},
    "lead_noise": {"scale": [0.15, 0.2]},
    "nstdb": {"noise_level": [0, 0.15]},
    "cutout": {"prob": [0, 0.25], "amp": [0.75, 1], "width": [0.05, 0.2], "type": ["cut"]},
    "amplitude_warp": {"amplitude": [0.9, 1.1], "frequency": [0.5, 1.5], "name": "amplitude_warp"},
    "random_background_noise": {"amplitude": [0, 0.1], "num_noises": 1, "name": "nstdb"},
    "random_sine_wave": {"amplitude": [0, 0.05], "frequency": [45, 50], "auto_vectorize": False, "name": "powerline"},
    "random_noise": {"factor": [0, 0.1], "name": "random_noise"},
    "random_noise_distortion": {"amplitude": [0, 0.5], "frequency": [0.5, 1.5], "name": "baseline_wander"},
    "random_cutout": {"cutouts": 2, "factor": [0.005, 0.01], "name": "cutout"},
    "sine_wave": {"amplitude": 0.1, "frequency": 5, "sample_rate": 100},
    "random_augmentation": {"layers": [{"name": "lead_noise"}], "augmentations_per_sample": 1, "rate": 0.5},
    "resizing": {"duration": 100},
}


def built(name, params=None):
    factory = PreprocessFactory if name in PREPROCESSES else AugmentationFactory
    return build_step(factory, name, NEEDED.get(name, {}) if params is None else params, RATE)


def drawn_for(step, frames):
    """What a step's `apply` takes beside the frames."""
    return step.measure(frames) if isinstance(step, Preprocess) else step.draw(np.random.default_rng(3), *frames.shape)


@pytest.mark.parametrize("name", [*PREPROCESSES, *AUGMENTATIONS])
class TestEveryTransform:
    def test_it_takes_every_parameter_of_the_specification(self, name, frames, rng):
        result = built(name, SPECIFIED[name])(frames, rng)
        assert np.isfinite(result).all()

    def test_it_gives_contiguous_float32_and_leaves_its_input_alone(self, name, frames, rng):
        before = frames.copy()
        step = built(name)
        result = step(frames, rng)
        assert result.shape == (24, step.output_size(256), 2)
        assert result.dtype == np.float32
        assert not np.shares_memory(result, frames)
        np.testing.assert_array_equal(frames, before)

    def test_the_same_seed_gives_the_same_bytes_and_apply_is_pure(self, name, frames):
        step = built(name)
        first = step(frames, np.random.default_rng(3))
        np.testing.assert_array_equal(first, step(frames, np.random.default_rng(3)))
        drawn = drawn_for(step, frames)
        np.testing.assert_array_equal(first, step.apply(frames, drawn))
        np.testing.assert_array_equal(first, step.apply(frames, drawn))

    def test_another_seed_gives_other_frames_unless_it_draws_nothing(self, name, frames):
        step = built(name)
        same = np.array_equal(step(frames, np.random.default_rng(3)), step(frames, np.random.default_rng(4)))
        assert same == (isinstance(step, Preprocess) or name == "sine_wave")

    def test_frames_do_not_depend_on_each_other(self, name, frames):
        step = built(name)
        drawn = drawn_for(step, frames)
        changed = frames.copy()
        changed[5:] *= 2
        np.testing.assert_array_equal(step.apply(frames, drawn)[:5], step.apply(changed, drawn_for(step, changed))[:5])

    def test_flat_frames_stay_finite(self, name, rng):
        flat = np.full((4, 64, 1), 3.0, np.float32)
        assert np.isfinite(built(name)(flat, rng)).all()

    def test_an_unknown_parameter_is_an_error_that_names_the_nearest(self, name):
        known = next(key for key in {**SPECIFIED[name], "name": ""} if key != "name")
        with pytest.raises(UnknownNameError, match=f"Did you mean.*'{known}'"):
            built(name, {**NEEDED.get(name, {}), known + "x": 1})


def test_the_tables_hold_what_the_specification_lists():
    assert {*PREPROCESSES, *AUGMENTATIONS} == set(SPECIFIED)
    assert all(PreprocessFactory.describe().values())
    assert all(AugmentationFactory.describe().values())


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("baseline_wander", {"amplitude": [0.5, 0.1]}, "low end 0.5 lies above the high end 0.1"),
        ("baseline_wander", {"amplitude": [-1, 1]}, "amplitude.0.*-1"),
        ("baseline_wander", {"amplitude": "loud"}, "amplitude.*'loud'"),
        ("burst_noise", {"burst_number": [0, 1.5]}, "burst_number.1.*1.5"),
        ("cutout", {"prob": [0, 2]}, "probability|prob"),
        ("cutout", {"type": "shred"}, "shred"),
        ("random_sine_wave", {"frequency": [70, 80]}, "above 50 Hz"),
        ("filter", {"lowcut": 1, "highcut": 50}, "highcut is 50.0 Hz"),
        ("filter", {}, "neither lowcut nor highcut"),
        ("filter", {"lowcut": 1, "axis": 1}, "axis"),
        ("resizing", {}, "needs the parameter 'duration'"),
        ("sine_wave", {"sample_rate": 250}, "sample_rate"),
        ("random_augmentation", {"layers": [{"name": "lead_nois"}]}, "lead_noise"),
        ("random_augmentation", {"layers": [{"name": "resizing", "params": {"duration": 10}}]}, "frame size"),
    ],
)
def test_a_bad_value_is_a_clear_error(name, params, said):
    with pytest.raises(ConfigError, match=said):
        built(name, params)


def test_frequencies_beyond_the_sampling_rate_are_cut_and_the_log_says_so(caplog, frames, rng):
    built("powerline_noise", {"frequency": [40, 60]})(frames, rng)
    assert "cut at 50 Hz" in caplog.text


def named(name, **params):
    return SimpleNamespace(name=name, params=params)


def test_a_pipeline_does_its_steps_in_order(frames, rng):
    line = build_preprocesses([named("filter", lowcut=0.5), named("znorm", axis=0)], RATE)
    by_hand = built("znorm", {"axis": 0})(built("filter", {"lowcut": 0.5})(frames))
    np.testing.assert_array_equal(line(frames), by_hand)
    assert line.deterministic
    assert line.output_size(256) == 256


def test_a_pipeline_that_draws_needs_a_generator(frames, rng):
    line = build_augmentations([named("lead_noise"), named("resizing", duration=99)], RATE)
    assert not line.deterministic
    assert line.output_size(256) == 99
    assert line(frames, rng).shape == (24, 99, 2)
    with pytest.raises(ValueError, match="pass a numpy"):
        line(frames)


def test_an_empty_pipeline_changes_nothing(frames):
    assert Pipeline([])(frames) is frames


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(UnknownNameError, match="baseline_wander"):
        build_augmentations([named("baseline_wonder")], RATE)


def test_a_registered_class_that_is_no_transform_is_refused():
    AugmentationFactory.register("nonsense", dict)
    try:
        with pytest.raises(ConfigError, match="derived from"):
            build_augmentations([named("nonsense")], RATE)
    finally:
        AugmentationFactory.unregister("nonsense")


def test_listing_the_names_imports_no_numpy():
    code = (
        "import sys, heartkit.transforms.table as t; t.AugmentationFactory.describe(); sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
