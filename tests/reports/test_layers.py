"""The error of each layer as a table and a picture."""

import csv
from dataclasses import asdict

import matplotlib.axes
import numpy as np
import pytest
from matplotlib.image import imread

from heartkit.artifact.layers import LayerError
from heartkit.reports.layers import write_layer_errors


def errors(count):
    rng = np.random.default_rng(0)
    rows = rng.uniform(0, 0.1, (count, 2))
    rows.sort(axis=1)
    return [
        LayerError("CONV_2D", f'layer "{n}", fused', 1.5, *row, 0.01, row[0] / 2) for n, row in enumerate(rows.tolist())
    ]


@pytest.mark.parametrize("count", [1, 30])
def test_the_table_holds_every_number(tmp_path, count):
    given = errors(count)
    write_layer_errors(tmp_path, given)
    with (tmp_path / "layers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, error in zip(rows, given, strict=True):
        assert {name: type(value)(row[name]) for name, value in asdict(error).items()} == asdict(error)


def test_the_picture_shows_them_in_percent(tmp_path, monkeypatch):
    bars = {}
    barh = matplotlib.axes.Axes.barh

    def spy(self, rows, width, **rest):
        bars[rest["label"]] = list(width)
        return barh(self, rows, width, **rest)

    monkeypatch.setattr(matplotlib.axes.Axes, "barh", spy)
    given = errors(5)
    write_layer_errors(tmp_path, given)
    assert bars["mean"] == [100 * error.mean for error in given]
    assert bars["of it, rounding of its own output"] == [100 * error.own for error in given]
    assert bars["largest"] == [100 * error.largest for error in given]
    assert imread(tmp_path / "layers.png")[..., :3].std() > 0.01
