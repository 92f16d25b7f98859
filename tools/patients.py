"""Write down who is behind zoo models that were trained before `heartkit train` wrote that down by itself.

``python -m tools.patients FOLDER`` splits and frames the recordings in FOLDER (``<slug>/<version>`` each, as
publishers have them) as each configuration of the zoo says, and writes what `heartkit.frames.seen` keeps beside a
model: ``zoo/NAME/model.keras.patients.json``, and the same beside ``model.tflite``. It trains nothing, and complains
where the scores of a model are of other patients than these.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import heartkit as hk
from heartkit.frames.seen import Seen, keep_seen
from heartkit.modes.data import TaskData
from heartkit.params import HKTrainParams

ZOO = Path(__file__).parents[1] / "zoo"


def placed(one: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a configuration's dataset with its files in `folder`; one that is generated as it is."""
    dataset = hk.DatasetFactory.get(one["name"])
    return dict(one) if dataset.made else {**one, "path": str(folder / dataset.slug / dataset.version)}


def keep(name: str, folder: Path, cache: Path | None = None) -> None:
    """Write the file of one model.

    Raises
    ------
    ValueError
        If the split it was scored on has other patients here than when it was.
    """
    config, metrics = (json.loads((ZOO / name / f"{one}.json").read_text("utf-8")) for one in ("config", "metrics"))
    values = {**config, "datasets": [placed(one, folder) for one in config["datasets"]], "data_parallelism": 1}
    params = hk.load(values | ({} if cache is None else {"cache_dir": str(cache)})).params(
        HKTrainParams, metrics["task"]
    )
    seen = Seen.by(params.weights_file, params.teacher)
    data = TaskData(params, hk.TaskFactory.get(metrics["task"]), config["seed"])
    here = {one.name: len(one.patients(metrics["split"])) for one in data.prepared}
    then = {one["name"]: one["patients"] for one in metrics["datasets"]}
    if here != then:
        raise ValueError(
            f"{name}: split {metrics['split']!r} has {here} patients in {folder}, and had {then} when it was scored."
        )
    training = data.sets("train", params.samples_per_patient)
    keep_seen([ZOO / name / "model.keras", ZOO / name / "model.tflite"], data.prepared, training, seen)


def main(folder: str, cache: str | None = None) -> None:
    """Write the files of all."""
    for name in sorted(file.parent.name for file in ZOO.glob("*/metrics.json")):
        keep(name, Path(folder), None if cache is None else Path(cache))


if __name__ == "__main__":
    main(*sys.argv[1:])
