"""What options of training and of layers bring: the same short training with one of them changed at a time.

``python -m tools.variants seg-4-tcn-sm dataset-folder job-folder [seed ...]`` trains each variant of one configuration
with each seed and adds what it scores on the validation patients, as a float network and in int8, to
``benchmarks/variants.json``; a variant that stands there is not run again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import heartkit as hk
from heartkit import console
from heartkit.artifact.convert import convert
from heartkit.backends.litert import litert_predictor
from heartkit.metrics.classification import classification_scores
from heartkit.models.files import load_model
from heartkit.models.fold import fold
from heartkit.modes.data import TaskData
from heartkit.modes.export import calibration_frames
from heartkit.objectives.labelled import confusions
from heartkit.params import HKTrainParams, QuantizationParams

ROOT = Path(__file__).parents[1]
STORED = ROOT / "benchmarks" / "variants.json"


@dataclass(frozen=True)
class Trial:
    """A configuration of the zoo whose training is made short and repeated with one option changed at a time.

    Parameters
    ----------
    task : str
        The task.
    short : list of str
        What makes the training short, as of ``--set``.
    gated : tuple of int
        Which blocks have squeeze-excite.
    teacher : str
        The zoo model to learn from.
    """

    task: str
    short: list[str]
    gated: tuple[int, ...]
    teacher: str

    def variants(self) -> dict[str, list[str]]:
        """Return name -> what it changes, as of ``--set``."""
        return {
            "as it is": [],
            "warm-up over 50 steps": ["warmup_steps=50"],
            "gradient norm clipped at 1": ["clip_norm=1"],
            "averaged weights, decay 0.99": ["ema_decay=0.99"],
            "focal loss, gamma 1": ["focal_gamma=1"],
            "label smoothing 0.05": ["label_smoothing=0.05"],
            "mixup 0.2": ["mixup=0.2"],
            f"teacher ({self.teacher})": [f"teacher={ROOT / 'zoo' / self.teacher / 'model.keras'}"],
            "squeeze-excite with sigmoid, not hard sigmoid": self._gates("se_activation", "sigmoid"),
            "without squeeze-excite": self._gates("se_ratio", "0"),
        }

    def _gates(self, key: str, value: str) -> list[str]:
        return [f"architecture.params.blocks.{block}.{key}={value}" for block in self.gated]


TRIALS = {
    "seg-4-tcn-sm": Trial(
        "segmentation",
        ["epochs=12", "steps_per_epoch=40", "batch_size=128", "val_samples_per_patient=30"],
        (1, 2, 3),
        "seg-4-tcn-lg",
    ),
    "arr-4-eff-sm": Trial("rhythm", ["epochs=10", "steps_per_epoch=40"], (0, 1, 2, 3), "arr-4-eff-lg"),
}


def run(name: str, dataset: str, folder: Path, seeds: list[int], stored: dict[str, Any]) -> Iterator[str]:
    """Train what is not in `stored` yet; yield what was done once its scores are there.

    `stored` gets, by configuration, ``task``, what made it ``short``, and ``variants``: by variant and seed macro F1 of
    the validation frames ``f1`` as a float network and ``int8`` as quantised after training, and the best ``epoch``.
    """
    trial = TRIALS[name]
    one = stored.setdefault(name, {"task": trial.task, "short": trial.short, "variants": {}})
    for variant, changes in trial.variants().items():
        runs = one["variants"].setdefault(variant, {})
        for seed in seeds:
            if str(seed) in runs:
                continue
            job = folder / f"{name}-{variant.replace(' ', '-')}-{seed}"
            fixed = [f"datasets.0.path={dataset}", f"job_dir={job}", f"seed={seed}", "verbose=0"]
            config = hk.load(ROOT / "configs" / f"{name}.json", [*trial.short, *fixed, *changes])
            runs[str(seed)] = _score(trial.task, config.params(HKTrainParams, trial.task))
            yield f"{name}, {variant}, seed {seed}: {runs[str(seed)]}"


def _score(task_name: str, params: HKTrainParams) -> dict[str, float]:
    task = hk.TaskFactory.get(task_name)
    result = task.train(params)
    data = TaskData(params, task, params.seed or 0)
    held = data.frames("val", params.val_samples_per_patient, None, None)
    model = fold(load_model(result.model_file))
    flat = convert(model, QuantizationParams(enabled=True), calibration_frames(data))
    answers = {
        "f1": model.predict(held.frames, batch_size=256, verbose=0),
        "int8": litert_predictor(flat).predict(held.frames),
    }
    scores = {
        form: classification_scores(confusions(held.answers, found, held.patients).sum(axis=0))["macro_f1"]
        for form, found in answers.items()
    }
    return {form: round(float(score), 5) for form, score in scores.items()} | {"epoch": result.best_epoch}


def main(name: str, dataset: str, folder: str, seeds: list[int]) -> None:
    """Run, and keep each score as soon as it is there."""
    stored: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    for done in run(name, dataset, Path(folder), seeds, stored):
        STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        console.say(done)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], [int(seed) for seed in sys.argv[4:]] or [1])
