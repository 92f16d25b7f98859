"""The page of what training options bring: differences are taken seed by seed, and what they are worth is said."""

import pytest
from tools.results.options import options_page

OVERLAPS = {"0.0": {"macro_f1": {"value": 0.9, "low": 0.8, "high": 1.0}, "boundaries": {"P": {"value": 0.5}}}}


def page(**variants):
    runs = {
        name: {str(seed): {"f1": f1, "int8": f1 - 0.01} for seed, f1 in one.items()} for name, one in variants.items()
    }
    trial = {"task": "rhythm", "short": ["epochs=2"], "variants": {"as it is": runs.pop("base"), **runs}}
    return options_page({"arr": trial}, OVERLAPS).splitlines()


@pytest.mark.parametrize(
    ("scores", "cells"),
    [
        ({1: 0.53, 2: 0.61}, "0.5700 | +0.0200 | +0.0300, +0.0100 | better | 0.5600 | +0.0200"),
        ({1: 0.49, 2: 0.59}, "0.5400 | -0.0100 | -0.0100, -0.0100 | worse | 0.5300 | -0.0100"),
        ({1: 0.52, 2: 0.59}, "0.5550 | +0.0050 | +0.0200, -0.0100 | seeds disagree | 0.5450 | +0.0050"),
    ],
)
def test_an_option_is_compared_with_the_same_seed(scores, cells):
    assert f"| mixup | {cells} |" in page(base={1: 0.5, 2: 0.6}, mixup=scores)


def test_a_trial_says_how_it_was_made_short_and_what_seeds_do():
    said = page(base={1: 0.5, 2: 0.6})
    assert "Rhythm, made short by `epochs=2`. Seeds: 1, 2. As it is, seeds differ by up to 0.1000." in said
    assert "| as it is | 0.5500 | | | | 0.5400 | |" in said
