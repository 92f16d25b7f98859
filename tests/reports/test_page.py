"""Pages: whole, safe, self-contained."""

import base64

import pytest

from heartkit.errors import HeartkitError
from heartkit.reports import page
from heartkit.reports.style import figure, save

HOSTILE = '<script>alert("x")</script> & \'"><img src=http://a.example/x onerror=1>'


def test_all_text_is_escaped(tmp_path, read_page):
    parts = [
        page.section(HOSTILE, page.paragraph(HOSTILE), page.numbers({HOSTILE: HOSTILE})),
        page.table([HOSTILE, HOSTILE], [[HOSTILE, HOSTILE]], HOSTILE),
    ]
    page.write_page(tmp_path / "a.html", HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, parts)
    read = read_page(tmp_path / "a.html")
    assert not read.attributes("script")
    assert not read.attributes("img")
    # In: <title>, <h1>, subtitle, facts (2), <h2>, paragraph, numbers (2), caption, table (4).
    assert read.words.count(HOSTILE) == 14


def test_a_page_names_version_and_purpose(tmp_path, read_page):
    page.write_page(tmp_path / "a.html", "Title", "Subtitle", {"Fact": "17"}, [page.paragraph("body")])
    read = read_page(tmp_path / "a.html")
    assert "Research software, not a medical device." in read.words
    for part in ("Title", "Subtitle", "Fact", "17", "body", "heartkit"):
        assert part in read.words
    assert "prefers-color-scheme: dark" in read.text
    assert "@media print" in read.text


def test_a_picture_is_inside_the_page_at_its_size(tmp_path, read_page):
    with figure(6, 3) as made:
        made.subplots().plot([0, 1])
        save(made, tmp_path / "a.png")
    parts = [page.picture(tmp_path / "a.png", 'a "line"', "Caption <1>")]
    page.write_page(tmp_path / "a.html", "T", "S", {}, parts)
    read = read_page(tmp_path / "a.html")
    (image,) = read.attributes("img")
    assert image["alt"] == 'a "line"'
    assert image["width"] == str(6 * 96)
    assert base64.b64decode(image["src"].partition(",")[2]) == (tmp_path / "a.png").read_bytes()
    assert "Caption <1>" in read.words


def test_numbers_are_aligned_right_and_words_left(tmp_path):
    made = page.table(["name", "word", "number"], [["a", "b", "1"]], words=2)
    assert made.count('class="number"') == 2
    assert '<td class="number">1</td>' in made


def test_a_page_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HeartkitError, match="Cannot write"):
        page.write_page(tmp_path / "file" / "a.html", "T", "S", {}, [])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
