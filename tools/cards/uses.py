"""What a model is for and what not: by its task, its signal and its classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

USES = {
    "segmentation": "Finding the waves of a heartbeat, sample by sample",
    "rhythm": "Telling rhythms apart",
    "beat": "Telling kinds of heartbeats apart, where they have been found",
    "diagnostic": "Saying which diagnostic superclasses an ECG may show",
    "denoise": "Taking noise off",
    "translate": "Guessing one signal from another that was recorded together with it",
    "foundation": "Starting another task from weights that know what such signals look like",
}
NOT_USES = {
    "segmentation": "Intervals between waves that decide about a patient, without a person who checks them.",
    "rhythm": "Ruling a rhythm out, and rhythms that are none of its classes: it always chooses one of them.",
    "beat": "Finding beats, and kinds that are none of its classes: it always chooses one of them.",
    "diagnostic": "Finding out that nothing is wrong, and anything beyond these superclasses.",
    "denoise": "Reading morphology off its output: what it does not take for signal is gone, and where noise hides the "
    "signal it shows what is usual.",
    "translate": "Reading off its output what the input does not hold: it shows what is usual there, not what was.",
    "foundation": "An answer by itself: it has no classes. Recognising people: it tells patients apart, so what it "
    "says of a frame is personal data.",
}
MEDICAL = (
    "Diagnosis, monitoring or treatment of anybody: it is research software, not a medical device, and nobody has "
    "cleared it as one."
)


def use(facts: Mapping[str, Any]) -> Iterator[str]:
    """Say what a model is for."""
    given, names = facts["input"], [name for name in facts["class_names"] if name]
    seconds = given["frame_size"] / given["sampling_rate"]
    yield ""
    yield (
        f"{USES.get(facts['task'], 'Task ' + facts['task'])} (task `{facts['task']}`), on a microcontroller: research "
        f"and the development of wearables. It is given {seconds:.3g} s of one {given['signal'].upper()} lead at a "
        f"time ({given['frame_size']} samples at {given['sampling_rate']} Hz), after the preprocesses of `config.json`"
        + (f", and answers with: {', '.join(names)}." if names else ".")
    )


def not_for(facts: Mapping[str, Any]) -> Iterator[str]:
    """Say what a model is not for."""
    given = facts["input"]
    other = {"ecg": "PPG", "ppg": "ECG"}[given["signal"]]
    own = [NOT_USES[facts["task"]]] if facts["task"] in NOT_USES else []
    yield ""
    yield from (f"- {one}" for one in (MEDICAL, *own))
    yield f"- {other} and other signals, other sampling rates, or frames that were not preprocessed in the same way."
