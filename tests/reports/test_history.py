"""The course of a training as a picture."""

import matplotlib.axes
import numpy as np
import pytest
from matplotlib.image import imread

from heartkit.reports.history import write_history

ROWS = [
    {"epoch": n, "loss": 1 / n, "val_loss": 1.2 / n, "val_acc": 0.1 * n, "val_f1": 0.09 * n, "learning_rate": 0.01 / n}
    for n in range(1, 7)
]


@pytest.fixture
def drawn(monkeypatch):
    """Each line that is drawn: label -> (x, y)."""
    lines = {}
    plot = matplotlib.axes.Axes.plot

    def spy(self, x, y, *args, **kwargs):
        lines[kwargs.get("label", "rate")] = (list(x), list(y))
        return plot(self, x, y, *args, **kwargs)

    monkeypatch.setattr(matplotlib.axes.Axes, "plot", spy)
    return lines


def test_every_column_is_drawn_over_the_epochs(tmp_path, drawn):
    write_history(tmp_path / "history.png", ROWS, 4, "f1")
    expected = {
        "training": "loss", "validation": "val_loss", "validation accuracy": "val_acc",
        "validation macro F1": "val_f1", "rate": "learning_rate",
    }  # fmt: skip
    assert drawn == {label: ([1, 2, 3, 4, 5, 6], [row[name] for row in ROWS]) for label, name in expected.items()}
    picture = imread(tmp_path / "history.png")
    assert picture.shape[0] > 500
    assert picture[..., :3].std() > 0.01


def test_the_best_epoch_is_marked(tmp_path, monkeypatch):
    marked = []
    line = matplotlib.axes.Axes.axvline
    monkeypatch.setattr(
        matplotlib.axes.Axes,
        "axvline",
        lambda self, x, **rest: marked.append((x, rest["label"])) or line(self, x, **rest),
    )
    write_history(tmp_path / "history.png", ROWS, 4, "f1")
    assert marked == [(4, "best by val_f1")] * 3


@pytest.mark.parametrize("change", [{}, {"loss": float("nan"), "val_loss": float("nan")}])
def test_one_epoch_and_other_scores_are_enough(tmp_path, drawn, change):
    row = {"epoch": 1, "loss": 0.5, "val_loss": 0.6, "val_snr": 10.0, "learning_rate": 0.01} | change
    write_history(tmp_path / "history.png", [row], 1, "loss")
    assert set(drawn) == {"training", "validation", "validation snr", "rate"}
    assert np.isfinite(imread(tmp_path / "history.png")).all()
