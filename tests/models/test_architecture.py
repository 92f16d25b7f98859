import pytest

from heartkit.errors import ConfigError
from heartkit.models.architecture import FRAME, SAMPLE, Architecture, finish
from heartkit.models.blocks import to_2d
from heartkit.models.heads import frame_head
from heartkit.models.params import Padding, TopParams
from heartkit.strict import StrictParams


class Paddings(StrictParams):
    padding: Padding


def architecture(heads=frozenset({SAMPLE, FRAME})):
    def build(inputs, params, num_classes, head):
        asked.append(head)
        return finish(frame_head(to_2d(inputs), num_classes), params)

    asked = []
    return Architecture("own", "for this test", TopParams, build, heads), asked


def test_the_head_is_handed_to_the_architecture():
    own, asked = architecture()
    assert own.make((10, 2), {}, 3, FRAME).output_shape == (None, 3)
    own.make((10, 2), {}, 3)
    assert asked == [FRAME, SAMPLE]


def test_a_head_that_is_not_there_is_an_error_that_names_those_that_are():
    own, asked = architecture(frozenset({FRAME}))
    with pytest.raises(ConfigError, match="'own' cannot answer per sample; it answers per frame"):
        own.make((10, 1), {}, 3)
    with pytest.raises(ConfigError, match="per beat; it answers per frame, per sample"):
        architecture()[0].make((10, 1), {}, 3, "beat")
    assert not asked


@pytest.mark.parametrize(("shape", "classes"), [((0, 1), 2), ((10, 0), 2), ((10, 1), 0)])
def test_sizes_must_be_positive(shape, classes):
    with pytest.raises(ConfigError, match="must be at least 1"):
        architecture()[0].make(shape, {}, classes)


@pytest.mark.parametrize("given", [3, [0, 3], (0, 3)])
def test_padding_is_n_or_0_n(given):
    assert Paddings(padding=given).padding == 3


@pytest.mark.parametrize(("given", "message"), [([3, 3], r"n or \[0, n\]"), (-1, "at least 0"), (0.5, "whole number")])
def test_another_padding_is_an_error(given, message):
    with pytest.raises(ConfigError, match=message):
        Paddings(padding=given)
