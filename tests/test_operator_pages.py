import pytest
from tools.results.operators import counted, operators_of, operators_table, places, sentence
from tools.results.stored import PAGES, ZOO, read

FOLDERS = sorted(file.parent for file in ZOO.glob("*/model.tflite"))


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_zoo_model_moves_numbers_at_its_ends_only_and_its_page_says_so(folder):
    names, page = operators_of(folder / "model.tflite"), (PAGES / f"{folder.name}.md").read_text(encoding="utf-8")
    assert names[0] == "RESHAPE"
    assert not {"RESHAPE", "TRANSPOSE"}.intersection(names[1:-1])
    assert "between layers there is none" in page
    for name, count in read(folder / "export.json")["operators"].items():
        assert f"{count} {name}" in page
        assert f"{count} {name}" in next(row for row in operators_table([folder]) if folder.name in row)


@pytest.mark.parametrize(
    ("names", "where", "words"),
    [
        (["RESHAPE", "CONV_2D", "RESHAPE"], "RESHAPE first and last", "between layers there is none"),
        (["RESHAPE", "CONV_2D", "MEAN"], "RESHAPE first", "between layers there is none"),
        (
            ["CONV_2D", "TRANSPOSE", "RESHAPE", "CONV_2D"], "TRANSPOSE at 2 of 4; RESHAPE at 3 of 4",
            "between layers there stand RESHAPE, TRANSPOSE",
        ),
        (["CONV_2D", "MEAN"], "none", "None of them only moves numbers"),
    ],
)  # fmt: skip
def test_words_say_where_they_stand(names, where, words):
    assert places(names) == where
    assert words in sentence(names)
    assert counted(["A", "B", "A"]) == "2 A, 1 B"
