"""Count the patients behind each zoo model that was trained before `heartkit train` wrote that down by itself.

``python -m tools.patients FOLDER`` splits and frames the recordings in FOLDER (``<slug>/<version>`` each, as
publishers have them) as each configuration of the zoo says, and writes ``zoo/NAME/patients.json``. It trains nothing,
and complains where the scores of a model are of other patients than these.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import heartkit as hk
from heartkit.files import write_json
from heartkit.modes.data import TaskData
from heartkit.modes.roster import roster
from heartkit.params import HKTrainParams

ZOO = Path(__file__).parents[1] / "zoo"


def placed(one: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a configuration's dataset with its files in `folder`; one that is generated as it is."""
    dataset = hk.DatasetFactory.get(one["name"])
    return dict(one) if dataset.made else {**one, "path": str(folder / dataset.slug / dataset.version)}


def count(name: str, folder: Path, cache: Path | None = None) -> list[dict[str, Any]]:
    """Return what ``patients.json`` of a model holds.

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
    data = TaskData(params, hk.TaskFactory.get(metrics["task"]), config["seed"])
    found = roster(data.prepared, data.sets("train", params.samples_per_patient))
    here = {one["name"]: one[metrics["split"]] for one in found}
    then = {one["name"]: one["patients"] for one in metrics["datasets"]}
    if here != then:
        raise ValueError(
            f"{name}: split {metrics['split']!r} has {here} patients in {folder}, and had {then} when it was scored."
        )
    return found


def main(folder: str, cache: str | None = None) -> None:
    """Count and write."""
    for name in sorted(file.parent.name for file in ZOO.glob("*/metrics.json")):
        write_json(ZOO / name / "patients.json", count(name, Path(folder), None if cache is None else Path(cache)))


if __name__ == "__main__":
    main(*sys.argv[1:])
