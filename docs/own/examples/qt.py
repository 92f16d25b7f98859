"""A task of one's own: the QT interval. Frames, loss and scores are those of segmentation; the demo is new."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import heartkit as hk
from heartkit.frames.framing import WaveFrames
from heartkit.objectives.segment import Segment
from heartkit.objectives.waves import decode_waves
from heartkit.tasks.base import Demonstration, Task


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Write a page and a picture of what a model finds in one recording; return what to say on the console."""
    record, lead, answer = demonstration.record, demonstration.lead, demonstration.answer
    signal = np.asarray(record.signals[lead])
    waves = decode_waves(answer.probabilities(signal), signal, record.sampling_rate, answer.kinds, lead)
    qrs, t_waves = waves.of_kind(hk.Wave.QRS), waves.of_kind(hk.Wave.T)
    following = np.searchsorted(t_waves.onset, qrs.onset)
    # The T wave that comes after a QRS complex belongs to it only if it comes before the next one.
    pairs = [
        (start, t_waves.offset[at])
        for start, at, until in zip(qrs.onset, following, np.append(qrs.onset[1:], np.inf), strict=True)
        if at < len(t_waves) and t_waves.onset[at] < until
    ]
    intervals = [1000 * (end - start) for start, end in pairs]
    figure, axis = plt.subplots(figsize=(10, 3))
    axis.plot(np.arange(len(signal)) / record.sampling_rate, signal, color="black", linewidth=0.8)
    for start, end in pairs:
        axis.axvspan(start, end, alpha=0.2)
    axis.set(xlabel="time (s)", ylabel=f"{record.leads[lead]} ({record.units[lead]})")
    figure.savefig(picture)
    plt.close(figure)
    said = f"{len(intervals)} QT intervals, median {np.median(intervals):.0f} ms" if intervals else "no QT interval"
    report.write_text(f"<h1>QT in {record.id}</h1><p>{said}</p><img src='{picture.name}'>", encoding="utf-8")
    return [f"{said}."]


TASK = Task(
    name="qt",
    summary="from the onset of the QRS complex to the end of the T wave",
    vocabulary=hk.Wave,
    framing=WaveFrames(),
    objective=Segment(),
    view=f"{__name__}:show",
)


def main(folder: Path) -> None:
    """Register the task; train, evaluate and show a small model."""
    hk.TaskFactory.register(TASK.name, TASK, TASK.summary)
    config = hk.load(
        {
            "job_dir": str(folder / "${task}"),
            "cache_dir": str(folder / "cache"),
            "datasets": [{"name": "ecg-synthetic", "params": {"num_pts": 30, "leads": ["II"]}}],
            "sampling_rate": 100,
            "frame_size": 256,
            "num_classes": 3,
            "class_map": {"0": 0, "1": 0, "2": 1, "3": 2},
            "class_names": ["rest", "QRS", "T wave"],
            "samples_per_patient": 50,
            "val_samples_per_patient": 10,
            "test_samples_per_patient": 10,
            "epochs": 3,
            "steps_per_epoch": 40,
            "lr_rate": 0.01,
            "seed": 1,
            "display_report": False,
            "preprocesses": [{"name": "znorm"}],
            "architecture": {
                "name": "tcn",
                "params": {"blocks": [{"filters": 16, "kernel": 7, "dilation": d, "norm": "batch"} for d in (1, 4, 8)]},
            },
        }
    )
    TASK.train(config.params(hk.HKTrainParams, TASK.name))
    TASK.evaluate(config.params(hk.HKTestParams, TASK.name))
    TASK.demo(config.params(hk.HKDemoParams, TASK.name))


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
