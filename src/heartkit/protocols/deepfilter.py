"""DeepFilter: baseline wander added to single beats of the QT Database, as Romero et al. 2021 score its removal.

Romero, Piñol, Vázquez-Seisdedos, "DeepFilter: an ECG baseline wander removal filter using deep learning techniques",
Biomed. Signal Process. Control 70, 2021; what the paper leaves open is as in the code that its authors published.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.nstdb import find_folder, noise_records
from heartkit.errors import ConfigError, NoRecordsError
from heartkit.frames.beat_windows import beat_windows, cut_beats
from heartkit.metrics.signals import DEEPFILTER_SCORES, frame_scores, scores_report
from heartkit.objectives.denoise import Denoise
from heartkit.params import HKTestParams
from heartkit.protocols.base import Protocol, Trial
from heartkit.signal.filters import design, zero_phase
from heartkit.tasks.base import Task

RATE, FRAME = 360, 512
"""Hz, and samples of a frame."""
ANNOTATOR = "pu1"
"""Whose P waves part the beats."""
NOISE, CHANNEL = "bw", 1
"""The noise record and its channel; the second half of it is for testing."""
AMPLITUDES = (20, 200)
"""Height of the noise in percent of the beat's, both from lowest to highest sample; the second end not included."""
SEED = 1234
"""Of the amplitudes: every model is given the same noise."""
HIGHPASS = 0.67
"""Hz: corner of the filter beside, as in the paper."""

PUBLISHED = {
    "FIR high-pass filter": ((47.464, 88.496), (0.676, 0.572), (66.158, 22.104), (0.692, 0.216)),
    "IIR high-pass filter": ((35.645, 70.189), (0.594, 0.532), (61.125, 23.220), (0.736, 0.208)),
    "DRNN (Antczak 2018)": ((6.702, 11.316), (0.480, 0.340), (50.035, 24.802), (0.878, 0.126)),
    "FCN-DAE (Chiang et al. 2019)": ((10.633, 14.417), (0.598, 0.381), (94.504, 70.717), (0.770, 0.171)),
    "DeepFilter (Romero et al. 2021)": ((5.203, 7.915), (0.386, 0.283), (50.445, 29.598), (0.897, 0.097)),
}
"""What the authors of DeepFilter report on its 14 test records: mean and standard deviation over 13,306 beats of
`DEEPFILTER_SCORES`, each in turn."""


class DeepFilter(Protocol):
    """Beats of 512 samples at 360 Hz with baseline wander of 0.2 to 2.0 times their height."""

    name = "deepfilter"

    def require(self, params: HKTestParams, task: Task) -> None:
        """Raise `ConfigError` unless the task is to denoise `qtdb` at 360 Hz in frames of 512 samples."""
        if not isinstance(task.objective, Denoise):
            raise ConfigError(f"Protocol {self.name!r} scores denoised signals; task {task.name!r} gives none.")
        strangers = [one.name for one in params.datasets if one.name != "qtdb"]
        if strangers:
            raise ConfigError(
                f"Protocol {self.name!r} is about beats of 'qtdb', but datasets holds {strangers[0]!r}. Leave it out."
            )
        if any(one.params.get("annotator") != ANNOTATOR for one in params.datasets):
            raise ConfigError(
                f"Protocol {self.name!r} parts beats at the P waves of annotator {ANNOTATOR!r}. Set "
                f'datasets[].params.annotator to "{ANNOTATOR}".'
            )
        for key, wanted in (("sampling_rate", RATE), ("frame_size", FRAME)):
            if (given := getattr(params, key)) != wanted:
                raise ConfigError(
                    f"{key} is {given}, but protocol {self.name!r} takes {wanted}. Evaluate a model that was trained "
                    f"so, such as that of configs/den-deepfilter-tcn.json."
                )

    def score(self, trial: Trial) -> dict[str, Any]:
        """Score every beat of a split, in millivolts.

        Returns
        -------
        dict
            ``frames``: as `scores_report` describes it, with `DEEPFILTER_SCORES`; ``baselines``: ``signals`` of a
            high-pass filter; ``published``: name -> score -> [mean, standard deviation] on the 14 test records.

        Raises
        ------
        ConfigError
            If the NSTDB records are not here: the protocol has no stand-in for them.
        NoRecordsError
            If there is no beat.
        """
        clean, patients = _beats(trial)
        noisy = contaminated(clean, _noise(trial))
        before = frame_scores(clean, noisy)

        def report(signal: NDArray[np.float32]) -> dict[str, Any]:
            scored = frame_scores(clean, signal)
            return scores_report(scored, before, patients, trial.rng, scores=DEEPFILTER_SCORES)

        filtered = zero_phase(design(HIGHPASS, None, 4, RATE), noisy)
        return {
            "frames": report(trial.answer.frames(noisy[..., None])[..., 0]),
            "baselines": {f"high-pass filter {HIGHPASS:g} Hz": {"signals": report(filtered)}},
            "published": {
                name: dict(zip(DEEPFILTER_SCORES, map(list, scores), strict=True)) for name, scores in PUBLISHED.items()
            },
        }


def contaminated(clean: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return frames (n, samples) with noise added, frame after frame from the one after the last.

    Parameters
    ----------
    clean : (n, samples) array
        The frames.
    noise : (length,) array
        From its end on it is taken from its beginning again; a rest that is shorter than a frame is not used.
    """
    size = clean.shape[1]
    pieces = noise[: len(noise) // size * size].reshape(-1, size)
    chosen = pieces[np.arange(len(clean)) % len(pieces)]
    height = np.random.default_rng(SEED).integers(*AMPLITUDES, len(clean)) / 100
    gain = height * np.ptp(clean, axis=1) / np.ptp(chosen, axis=1)
    return np.asarray(clean + chosen * gain[:, None], np.float32)


def _beats(trial: Trial) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Return the beats of a split (n, samples), and whose each is; flat ones, which have no height, left out."""
    parts, patients = [np.empty((0, trial.frame_size), np.float32)], [np.empty(0, str)]
    for one in trial.prepared:
        strips = beat_windows(one.store, one.records(trial.split), one.leads, trial.frame_size)
        parts.append(cut_beats(strips, np.arange(len(strips)), trial.frame_size))
        patients.append(np.array(one.store.patients)[strips.record])
    beats, owners = np.concatenate(parts), np.concatenate(patients)
    beating = np.ptp(beats, axis=1) > 0
    if not beating.any():
        raise NoRecordsError(
            f"The recordings of split {trial.split!r} have no beats from P wave to P wave. Choose another split."
        )
    return beats[beating], owners[beating]


def _noise(trial: Trial) -> NDArray[np.float32]:
    """Return the noise for testing, in millivolts: the second half of the second channel."""
    if trial.noise_folder is None or find_folder(trial.noise_folder) is None:
        raise ConfigError(
            "Protocol 'deepfilter' adds noise of nstdb, which is not beside the configured datasets. Fetch it there "
            "with `heartkit download`."
        )
    row: NDArray[np.float32] = noise_records(trial.noise_folder).signals[NOISE][CHANNEL]
    return row[len(row) // 2 :]


PROTOCOL = DeepFilter()
