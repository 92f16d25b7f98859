import json

import pytest
from tools import results


def test_pages_are_what_the_stored_metrics_say():
    made = results.pages()
    assert "seg-4-tcn-sm.md" in made
    for name, text in made.items():
        stored = (results.PAGES / name).read_text(encoding="utf-8")
        assert stored == text, f"docs/results/{name} is out of date: run `python -m tools.results`"


@pytest.mark.parametrize("name", sorted(folder.name for folder in results.ZOO.iterdir() if folder.is_dir()))
def test_zoo_models_were_made_by_the_configuration_that_ships(name):
    ours = json.loads((results.ZOO / name / "config.json").read_text(encoding="utf-8"))
    assert ours == json.loads((results.ROOT / "configs" / f"{name}.json").read_text(encoding="utf-8"))
