"""Several tags per frame: which diagnostic superclasses a stretch shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console
from heartkit.errors import ConfigError, NoRecordsError
from heartkit.frames.drawing import Cutter, frame_sets
from heartkit.frames.prepared import Prepared
from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import OVERLAP
from heartkit.metrics.probabilities import auroc
from heartkit.metrics.tags import best_thresholds, tag_report
from heartkit.objectives.base import Held, Objective, Scoring
from heartkit.objectives.classify import FrameAnswer
from heartkit.objectives.labels import LEFT_OUT
from heartkit.objectives.losses import Loss, imitate_tags, tag_crossentropy
from heartkit.objectives.probabilities import to_shares
from heartkit.objectives.probe import Probe, band_powers
from heartkit.objectives.tag_scores import Shares, Tagged, scored_tags, tagged_recordings
from heartkit.params import HKTrainParams

FITTED_FRAMES = 12
"""Frames of each training patient that the baseline of band powers is fitted to."""
MOST_FITTED = 20_000
"""So many of each dataset at most."""


class Tag(Objective):
    """Objective of tasks that say of each of several tags whether a frame has it: logits (num_classes,)."""

    name = "tag"
    head = "frame"
    watched = ("loss", "acc", "f1", "auroc")
    main = "auroc"
    activation = "sigmoid"
    fewest = 1

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (num_classes,)."""
        return (num_classes,)

    def require_classes(self, class_map: Mapping[int, int], num_classes: int) -> None:
        """Raise `ConfigError` if nothing is mapped to one of the classes: nobody could say whether a frame has it."""
        empty = sorted(set(range(num_classes)) - set(class_map.values()))
        if empty:
            raise ConfigError(
                f"class_map maps nothing to class {empty[0]}, but num_classes is {num_classes}. Map a tag to each "
                "class, or lower num_classes."
            )

    def answers(self, targets: NDArray[Any], class_map: Mapping[int, int]) -> NDArray[np.float32]:
        """Map tags (n, vocabulary) of the vocabulary to (n, classes): 1 where one that is mapped there is set.

        Raises
        ------
        ConfigError
            If a label is mapped that the vocabulary does not have.
        """
        unknown = sorted(set(class_map) - set(range(targets.shape[1])))
        if unknown:
            raise ConfigError(
                f"class_map has label {unknown[0]}, but tags are 0 to {targets.shape[1] - 1}. Correct class_map, or "
                "num_classes where there is none."
            )
        classes = np.zeros((len(targets), max(class_map.values(), default=LEFT_OUT) + 1), np.float32)
        for number, one in class_map.items():
            if one != LEFT_OUT:
                classes[:, one] = np.maximum(classes[:, one], targets[:, number])
        return classes

    def class_counts(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.int64]:
        """Return how many frames have each tag."""
        return np.asarray((answers >= 0.5).sum(axis=0), np.int64)

    def loss(self, params: HKTrainParams, answers: NDArray[Any]) -> Loss:
        """Return the cross-entropy of each tag; ``"balanced"`` weighs having a tag as much as not having it."""
        share = np.clip(answers.mean(axis=0), 0.01, 0.99) if params.class_weights == "balanced" else None
        return tag_crossentropy(share, params.label_smoothing, params.focal_gamma)

    def soft(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.float32]:
        """Return the tags: they are numbers."""
        return answers

    def imitate(self, temperature: float) -> Loss:
        """Return the cross-entropy against the teacher's probabilities."""
        return imitate_tags(temperature)

    def watch(self, answers: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return cross-entropy; share of right tags and macro F1 at a probability of one half; macro AUROC."""
        shares = to_shares(outputs)
        found, true = shares >= 0.5, answers >= 0.5
        loss = -np.log(np.clip(np.where(true, shares, 1 - shares), 1e-7, None)).mean()
        both, either = (found & true).sum(axis=0), found.sum(axis=0) + true.sum(axis=0)
        f1 = 2 * both[either > 0] / either[either > 0]
        areas = np.array([auroc(true[:, at], shares[:, at]) for at in range(true.shape[1])])
        return {
            "loss": float(loss),
            "acc": float((found == true).mean()),
            "f1": float(f1.mean()) if f1.size else float("nan"),
            "auroc": float(np.nanmean(areas)) if np.isfinite(areas).any() else float("nan"),
        }

    def answer(
        self,
        preprocess: Any,
        predict: Any,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> FrameAnswer:
        """Return a model as a method that answers along whole leads."""
        return FrameAnswer(preprocess, predict, frame_size, rate, to_shares, overlap=overlap)

    def thresholds(self, validation: Callable[[], Held], names: Sequence[str]) -> dict[str, float]:
        """Return, by name, the threshold of each tag that makes its F1 highest on validation frames."""
        held, outputs = validation()
        best = best_thresholds(held.answers.astype(np.int8), to_shares(outputs))
        return dict(zip(names, best.tolist(), strict=True))

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames.

        Returns
        -------
        dict
            ``frames``: as `scored_tags` describes it; ``baselines``: ``prevalence``, which finds each tag equally
            probable in every frame.
        """

        def validation() -> Tagged:
            return _tagged(*scoring.validation())

        frames = _tagged(held, outputs)
        return {
            "frames": scored_tags(frames, scoring, validation),
            "baselines": {"prevalence": {"frames": _prevalence(frames, scoring)}},
        }

    def score_recordings(self, prepared: Sequence[Prepared], answer: FrameAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score whole recordings: the mean probability over frames of all used leads.

        Returns
        -------
        dict
            ``recordings``: ``{"tags": ...}`` as `scored_tags` describes it; ``baselines``: ``prevalence``, and
            ``band powers``, a logistic regression on the spectra of training frames, scored as the model.
        """
        if scoring.cutter is None:
            return {}
        cutter = scoring.cutter
        fitted = _fitted_on_band_powers(prepared, cutter, answer)
        methods = {"": answer.of} if fitted is None else {"": answer.of, "band powers": fitted}
        splits = (scoring.split,) if scoring.split in ("val", "all") else (scoring.split, "val")
        with console.progress("Scoring whole recordings", len(methods) * len(splits)) as advance:

            def tagged(split: str, shares: Shares) -> Tagged:
                made = tagged_recordings(prepared, split, cutter, answer.frame_size, answer.hop, shares)
                advance()
                return made

            reports = {}
            for name, shares in methods.items():
                answers = tagged(scoring.split, shares)
                reports[name] = {"tags": scored_tags(answers, scoring, partial(tagged, "val", shares))}
        prevalence = {"tags": _prevalence(answers, scoring)}
        model = reports.pop("")
        return {
            "recordings": model,
            "baselines": {name: {"recordings": one} for name, one in {"prevalence": prevalence, **reports}.items()},
        }


def _tagged(held: StoredFrames, outputs: NDArray[np.float32]) -> Tagged:
    return held.answers.astype(np.int8), to_shares(outputs), held.patients


def _prevalence(tagged: Tagged, scoring: Scoring) -> dict[str, Any]:
    """Score what says the same of every item: with F1 highest, that it has each tag."""
    truth, _, patients = tagged
    even = np.broadcast_to(truth.mean(axis=0), truth.shape)
    return tag_report(truth, even, 0.0, scoring.names, patients, scoring.rng)


def _fitted_on_band_powers(prepared: Sequence[Prepared], cutter: Cutter, answer: FrameAnswer) -> Shares | None:
    """Return a method that was fitted to band powers of training frames; None without training patients or tags."""
    try:
        sets = frame_sets(prepared, cutter, "train", answer.frame_size, FITTED_FRAMES, seed=0)
    except NoRecordsError:
        return None
    parts = [one.frames(np.linspace(0, len(one) - 1, min(len(one), MOST_FITTED)).astype(np.int64)) for one in sets]
    frames, truth = (np.concatenate(column) for column in zip(*parts, strict=True))
    if ((truth.mean(axis=0) == 0) | (truth.mean(axis=0) == 1)).any():
        return None
    probe = Probe.fit(band_powers(answer.preprocess(frames), answer.rate), truth)
    return lambda frames: probe.shares(band_powers(answer.preprocess(frames), answer.rate))
