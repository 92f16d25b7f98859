"""A card in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.cards.facts import SPLIT_WORDS
from tools.cards.uses import not_for, use
from tools.results.cells import few_patients, interval, signed
from tools.results.converted import before_and_after

ALWAYS = (
    "Trained and scored on the datasets that are named above, recorded with their devices, electrodes and patients: "
    "expect less elsewhere, and measure it on recordings of your own device before you rely on it."
)


def page(name: str, facts: Mapping[str, Any]) -> str:
    """Return the card in words."""
    sections = {
        "Intended use": use(facts),
        "Not for": not_for(facts),
        "Scores and costs": _scores(facts),
        "Data, split and licences": _data(facts),
        "Limits": ["", *(f"- {one}" for one in (*facts["limits"], ALWAYS))],
    }
    lines = [f"# {name}"]
    for heading, content in sections.items():
        lines += ["", f"## {heading}", *content]
    return "\n".join([*lines, "", _more(name, facts["published"])]) + "\n"


def _scores(facts: Mapping[str, Any]) -> Iterator[str]:
    score = facts["score"]
    warned = few_patients(sum(one["patients"] for one in facts["scored"]))
    yield from ("", "| | |", "| --- | --- |")
    yield f"| {score['name']} | {interval(score)} |"
    yield from (f"| the same of {method} | {interval(one)} |" for method, one in facts["baselines"].items())
    yield from _folds(facts.get("crossval"))
    yield from _lost(facts)
    yield f"| Parameters | {facts['parameters']:,} |"
    yield f"| MACs per frame | {facts['macs']:,} |"
    yield f"| Model file, {facts['format']} | {facts['bytes']:,} bytes |"
    yield f"| Arena of TFLite-Micro (on the PC) | {facts['arena_bytes']:,} bytes |"
    over = " and ".join(f"{one['patients']:,} of {one['name']}" for one in facts["scored"] if one["patients"])
    yield ""
    yield (
        f"Scores are of {SPLIT_WORDS[facts['split']]} patients ({over}); in brackets 95 % intervals over patients, by "
        f"bootstrap, of what {facts['format']} lost by jackknife." + (f" These are {warned}." if warned else "")
    )


def _lost(facts: Mapping[str, Any]) -> Iterator[str]:
    """Say what converting cost, in the score that training and export watch."""
    (name, before, after), on = before_and_after(facts), facts["converted_on"]
    yield (
        f"| {name} of {on['frames']:,} frames of {on['patients']:,} {SPLIT_WORDS[on['split']]} patients, float and "
        f"{facts['format']} | {before:.4f}, {after:.4f} |"
    )
    yield f"| lost by {facts['format']}, paired | {signed(facts['lost'][name])} |"


def _folds(found: Mapping[str, Any] | None) -> Iterator[str]:
    for method, score in found["scores"].items() if found else ():
        if score is not None:
            yield f"| {found['name']}, cross-validated over {found['patients']} patients: {method} | {score:.3f} |"


def _data(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "Split by patient: nobody is in two of the splits.", "")
    yield "| dataset | trained | validation | test | who is where |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for one in facts["datasets"]:
        kind = " (generated)" if one["generated"] else ""
        trained = f"{one['trained']:,}" if one["trained"] == one["train"] else f"{one['trained']:,} of {one['train']:,}"
        yield f"| {one['name']}{kind} | {trained} | {one['val']:,} | {one['test']:,} | {_rule(one)} |"
    if any(one["trained"] != one["train"] for one in facts["datasets"]):
        yield from ("", "*Trained* counts patients of whom frames could be cut; of the others nothing fitted the task.")
    yield ""
    yield from (f"- {one['title']}: {one['licence']}. {one['citation']}".rstrip() for one in facts["datasets"])
    yield from ("", "A model keeps the conditions of what it was trained on: mind those licences where you ship it.")


def _rule(one: Mapping[str, Any]) -> str:
    """Say what decides who is in which split."""
    fixed, only = one["fixed"], one["only"]
    if only is not None and len(only) == 1:
        kept = " who are not in another published split" if fixed else ""
        return f"used for {SPLIT_WORDS[only[0]]} only: all patients{kept}"
    if not fixed:
        return "a hash of the patient decides"
    missing = [SPLIT_WORDS[split] for split in ("val", "train", "test") if split not in fixed]
    if not missing:
        return "as published"
    named = " and ".join(SPLIT_WORDS[split] for split in fixed)
    none = "" if one["test"] or "test" not in fixed else " (no test patients here)"
    return f"{named} patients are fixed{none}; for {missing[0]} a hash draws from those who do not test"


def _more(name: str, published: Mapping[str, Any]) -> str:
    datasets = ", ".join(published["datasets"])
    return (
        f"All scores: [results](../../docs/results/{name}.md); how splits and intervals are made: "
        "[numerics and splits](../../docs/numerics-and-splits.md). The configuration is `config.json`. "
        + (
            f"`published.json` is the same configuration on the same data ({datasets}), in another job folder: run it "
            f"where the datasets are whole."
            if published["same"]
            else f"`published.json` is the same network for whole datasets as they are published or generated "
            f"({datasets}); that was not trained here."
        )
    )
