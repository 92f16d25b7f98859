import json
import re

import pytest
from tools.cards import card, facts, page
from tools.cards.limits import limits
from tools.results.stored import ROOT, ZOO, read

FOLDERS = sorted(file.parent for file in ZOO.glob("*/model.keras"))
NAMES = [folder.name for folder in FOLDERS]
each_model = pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)


@each_model
def test_cards_are_what_the_stored_files_say(folder, monkeypatch):
    stored = read(folder / "card.json")
    monkeypatch.setattr(facts, "_parameters", lambda _: stored["parameters"])  # takes a second for each model
    assert json.loads(json.dumps(card(folder))) == stored, "run `python -m tools.cards`"
    assert (folder / "README.md").read_text(encoding="utf-8") == page(folder.name, stored)


@each_model
def test_a_card_says_what_it_has_to(folder):
    text, known = (folder / "README.md").read_text(encoding="utf-8"), read(folder / "card.json")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    wanted = ("Intended use", "Not for", "Scores and costs", "Data, split and licences", "Limits")
    assert headings == [f"## {one}" for one in wanted]
    assert "not a medical device" in text
    assert re.search(r"\| lost by INT8, paired \| [+-]0\.\d{4} \[[+-]0\.\d{4}, [+-]0\.\d{4}\] \|", text)
    for one in known["datasets"]:
        assert f"| {one['name']}" in text
        assert one["licence"] in text
    for link in ("docs/numerics-and-splits.md", f"docs/results/{folder.name}.md"):
        assert f"(../../{link})" in text
        assert (ROOT / link).is_file()


@each_model
def test_whom_it_was_scored_on_is_whom_the_split_holds(folder):
    known = read(folder / "card.json")
    held = {one["name"]: one[known["split"]] for one in known["datasets"]}
    assert {one["name"]: one["patients"] for one in known["scored"]} == held
    assert ("next to nothing" in " ".join(known["limits"])) == (sum(held.values()) < 5)


@each_model
def test_published_json_is_told_apart_from_config_json_only_where_it_is_another(folder):
    ours, theirs = ({**read(folder / f"{one}.json"), "job_dir": ""} for one in ("config", "published"))
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert ("is the same configuration on the same data" in text) == (ours == theirs)
    assert ("that was not trained here" in text) == (ours != theirs)


def facts_of(**changes):
    dataset = {"name": "a", "generated": False, "trained": 50, "val": 30, "test": 0}
    return {
        "noise": [], "split": "val", "scored": [{"name": "a", "patients": 30}], "datasets": [dataset],
        "score": {"value": 0.9, "low": 0.8, "high": 1.0}, "baselines": {}, "converted_on": {"split": "val"},
    } | changes  # fmt: skip


def data(**changes):
    return [facts_of()["datasets"][0] | changes]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datasets": data(generated=True)}, "generated signals only"),
        ({"datasets": [*data(trained=0), *data(name="b", generated=True)]}, "scored on recordings of people"),
        ({"noise": ["random_noise"]}, "all of it generated"),
        ({"scored": [{"name": "a", "patients": 1}]}, "1 patient: an interval over so few says next to nothing"),
        ({"scored": [{"name": "a", "patients": 9}]}, "9 patients: intervals over so few are somewhat too narrow"),
        ({"datasets": data(trained=4)}, "Only 4 patients trained:"),
        ({"datasets": [*data(trained=4), *data(name="b", generated=True)]}, "beside 50 generated patients"),
        ({"datasets": data(val=0), "split": "test"}, "No patients validated"),
        ({}, "No patients for testing were at hand"),
        ({"datasets": data(test=7)}, "7 patients were held out for testing, and nothing was scored on them"),
        ({"datasets": data(test=7), "converted_on": {"split": "test"}}, "only the converted model was scored on them"),
        ({"baselines": {"rules": {"value": 0.95, "low": 0.9, "high": 1.0}}}, "not ahead of rules (0.950)"),
        ({"baselines": {"rules": {"value": 0.7, "low": 0.6, "high": 0.85}}}, "their intervals overlap"),
    ],
)
def test_limits_are_found_in_the_facts(changes, words):
    assert words in " ".join(limits(facts_of(**changes)))


def test_nothing_is_said_of_what_does_not_limit():
    assert limits(facts_of(split="test", converted_on={"split": "test"}, datasets=data(test=30))) == []
