"""What the generator accepts and refuses."""

from typing import Any

import pytest

from heartkit.errors import ConfigError, UnknownNameError
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.presets import DEFAULT_WEIGHTS, NORMAL, PRESETS

PUBLISHED_PRESETS = ["SR", "AFIB", "ant_STEMI", "LAHB", "LPHB", "high_take_off", "LBBB", "random_morphology"]


def test_a_published_configuration_is_accepted() -> None:
    params = EcgParams(
        presets=PUBLISHED_PRESETS,
        preset_weights=[14, 1, 1, 1, 1, 1, 1, 0],
        duration=10,
        sample_rate=100,
        heart_rate=[40, 160],
        impedance=[1, 2],
        p_multiplier=[0.8, 1.2],
        t_multiplier=1,
        noise_multiplier=[0.05, 0.1],
        voltage_factor=[800, 1000],
    )
    assert params.t_multiplier == (1, 1)
    assert params.samples == 1000
    assert params.weights == [14, 1, 1, 1, 1, 1, 1, 0]


def test_presets_without_weights_come_in_the_usual_proportions() -> None:
    assert EcgParams(presets=["SR", "LPHB"]).weights == [DEFAULT_WEIGHTS["SR"], DEFAULT_WEIGHTS["LPHB"]]
    assert set(DEFAULT_WEIGHTS) == set(PRESETS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"heart_rate": [100, 50]}, r"heart_rate.*25 <= low <= high <= 220, got \[100"),
        ({"heart_rate": [1, 2, 3]}, r"heart_rate must be a number or \[low, high\]"),
        ({"noise_multiplier": -1}, "noise_multiplier"),
        ({"impedance": 0}, "impedance"),
        ({"presets": ["SR"], "preset_weights": [1, 2]}, "one entry for each preset, got 2 for 1"),
        ({"presets": ["SR"], "preset_weights": [0]}, "all zero"),
        ({"presets": []}, "presets"),
        ({"duration": 0}, "duration"),
        ({"sample_rate": "100"}, "sample_rate"),
        ({"heart_rat": 60}, "Did you mean 'heart_rate'"),
    ],
)
def test_unusable_values_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        EcgParams(**values)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown preset 'LBB'\. Did you mean 'LBBB'"):
        EcgParams(presets=["LBB"])


def test_presets_change_only_quantities_that_exist() -> None:
    assert all(set(preset.ranges) <= set(NORMAL) for preset in PRESETS.values())
    assert all(low <= high for p in PRESETS.values() for low, high in {**NORMAL, **p.ranges}.values())
