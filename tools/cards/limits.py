"""What limits what a model's scores say: found in the facts of its card, never typed for one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.results.cells import SOME, few_patients, patients

RECORDED_NOISE = frozenset({"nstdb", "random_background_noise"})
"""Augmentations that add noise as it was recorded (NSTDB)."""


def limits(facts: Mapping[str, Any]) -> list[str]:
    """Return sentences on what the scores of a model do not say.

    Parameters
    ----------
    facts : mapping
        A card's ``noise``, ``split``, ``scored``, ``datasets``, ``score``, ``baselines`` and ``converted_on``.
    """
    return [sentence for found in FOUND for sentence in found(facts)]


def _generated(facts: Mapping[str, Any]) -> Iterator[str]:
    made = {one["name"] for one in facts["datasets"] if one["generated"]}
    scored = {one["name"] for one in facts["scored"] if one["patients"]}
    trained = {one["name"] for one in facts["datasets"] if one["trained"]}
    if scored <= made and trained <= made:
        yield (
            "Trained and scored on generated signals only: the scores say how well the generator's rules were learnt. "
            "How it does on a person's signal they do not say."
        )
    elif scored & made:
        yield f"Some of the signals that it is scored on are generated ({', '.join(sorted(scored & made))})."
    elif trained <= made:
        yield "Trained on generated signals only; scored on recordings of people."


def _noise(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["noise"]:
        origin = "" if RECORDED_NOISE.intersection(facts["noise"]) else ", all of it generated"
        yield (
            f"The noise that it was taught and scored to take off was added to recordings that count as clean "
            f"({', '.join(facts['noise'])}){origin}: that of a device on a person in motion may be other."
        )


def _interval(facts: Mapping[str, Any]) -> Iterator[str]:
    if words := few_patients(sum(one["patients"] for one in facts["scored"])):
        yield f"Scored on {words}. Measure it on more before you compare it with anything."


def _training(facts: Mapping[str, Any]) -> Iterator[str]:
    people = [one["trained"] for one in facts["datasets"] if one["trained"] and not one["generated"]]
    if people and sum(people) < SOME:
        beside = sum(one["trained"] for one in facts["datasets"] if one["generated"])
        others = f" beside {patients(beside, 'generated ')}" if beside else ""
        yield f"Only {patients(sum(people))} trained{others}: it has seen little of how people differ."


def _choosing(facts: Mapping[str, Any]) -> Iterator[str]:
    validated = sum(one["val"] for one in facts["datasets"])
    held = sum(one["test"] for one in facts["datasets"])
    if not validated:
        yield "No patients validated: nothing chose the epoch but the training itself."
    if facts["split"] == "val":
        yield (
            "The validation patients that it is scored on also chose the epoch, and where more than one run was made "
            "the configuration: expect a little less on others."
        )
        yield (
            f"{patients(held)} were held out for testing: only the converted model was scored on them."
            if held and facts["converted_on"]["split"] == "test"
            else f"{patients(held)} were held out for testing, and nothing was scored on them."
            if held
            else "No patients for testing were at hand: nobody has scored it on people who chose nothing."
        )


def _beaten(facts: Mapping[str, Any]) -> Iterator[str]:
    """Name the baselines that are ahead, and those that are behind by less than the intervals can tell."""
    score = facts["score"]
    for name, one in facts["baselines"].items():
        if one["value"] >= score["value"]:
            yield f"On these patients it is not ahead of {name} ({one['value']:.3f})."
        elif None not in (one["high"], score["low"]) and one["high"] >= score["low"]:
            yield f"It is ahead of {name} ({one['value']:.3f}), but their intervals overlap."


FOUND = (_generated, _noise, _interval, _training, _choosing, _beaten)
"""What limits may be found, in the order of the page."""
