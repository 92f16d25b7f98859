"""The course of a training as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes

from heartkit.reports.style import BLUE, GREY, RED, figure, save

SCORES = {"acc": "accuracy", "f1": "macro F1", "auroc": "macro AUROC", "cosine": "cosine similarity"}
"""What scores are called, where their name says too little."""


def write_history(path: Path, rows: Sequence[Mapping[str, float]], best_epoch: int, metric: str) -> None:
    """Draw loss, validation scores and learning rate over the epochs.

    Parameters
    ----------
    path : Path
        PNG to write.
    rows : sequence of mapping
        One per epoch: ``epoch``, ``loss``, ``val_loss``, scores, ``learning_rate``.
    best_epoch : int
        Marked by a line.
    metric : str
        What decided which epoch is the best.
    """
    epochs = [row["epoch"] for row in rows]
    with figure(8, 7) as made:
        loss, score, rate = made.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1))
        loss.plot(epochs, [row["loss"] for row in rows], color=BLUE, label="training")
        loss.plot(epochs, [row["val_loss"] for row in rows], color=RED, label="validation")
        loss.set_ylabel("loss")
        scores = [name for name in rows[0] if name.startswith("val_") and name != "val_loss"]
        for name, style in zip(scores, cycle(("-", "--", ":")), strict=False):
            words = SCORES.get(name.removeprefix("val_"), name.removeprefix("val_"))
            score.plot(epochs, [row[name] for row in rows], style, color=RED, label=f"validation {words}")
        score.set_ylabel("score (1 is best)")
        rate.plot(epochs, [row["learning_rate"] for row in rows], color=GREY)
        rate.set_ylabel("learning rate")
        rate.set_xlabel("epoch")
        _mark_best((loss, score, rate), best_epoch, metric)
        save(made, path)


def _mark_best(axes: Sequence[Axes], epoch: int, metric: str) -> None:
    for axis in axes:
        axis.axvline(epoch, color="black", linewidth=0.8, linestyle=":", label=f"best by val_{metric}")
        if len(axis.lines) > 2:
            axis.legend()
