"""README and docs: what they link to is there, and what can be named has its section."""

import re
from pathlib import Path

import pytest

from heartkit.factories import BackendFactory, DatasetFactory, ModeFactory, ModelFactory, TaskFactory
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ABSOLUTE = re.compile(r"[a-z]+:")


def prose(page: Path) -> str:
    """Return a page's text without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ +(.+?) *$", prose(page), flags=re.M)


def anchor(heading: str) -> str:
    """Return what a heading is called in links, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(page: Path) -> list[str]:
    return [link for link in LINK.findall(prose(page)) if not ABSOLUTE.match(link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_are_there(page: Path) -> None:
    for link in links(page):
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} is not there"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        if place:
            assert place in map(anchor, headings(target)), f"{link}: no such heading"


def test_links_are_looked_for() -> None:
    assert "docs/configuration.md" in links(ROOT / "README.md")
    assert anchor("The demo's report") == "the-demos-report"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        found = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)}
        new = {target for target in found if target.suffix == ".md"} - reached
    assert {page for page in PAGES if not optional(page)} <= reached


def optional(page: Path) -> bool:
    """Say whether a page need not be linked to: a generated one, or one about what is not registered (yet)."""
    registered = {
        "datasets": DatasetFactory, "tasks": TaskFactory, "models": ModelFactory, "modes": ModeFactory, "results": None
    }  # fmt: skip
    if page.stem == "index" or page.parent.name not in registered:
        return False
    factory = registered[page.parent.name]
    return factory is None or not factory.has(page.stem)


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("modes", ModeFactory.list()),
        ("tasks", TaskFactory.list()),
        ("datasets", DatasetFactory.list()),
        ("models", ModelFactory.list()),
    ],
)
def test_every_name_has_its_page(folder: str, names: list[str]) -> None:
    for name in names:
        page = ROOT / "docs" / folder / f"{name}.md"
        assert page.is_file(), f"{name} has no page docs/{folder}/{name}.md"
        assert headings(page)[0].partition(":")[0] == name


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("transforms.md", [*PreprocessFactory.list(), *AugmentationFactory.list()]),
        ("backends.md", BackendFactory.list()),
    ],
)
def test_every_name_has_its_section(page: str, names: list[str]) -> None:
    assert set(names) <= {heading.strip("`") for heading in headings(ROOT / "docs" / page)}


def test_the_readme_names_what_there_is_and_counts_right() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for factory in (TaskFactory, DatasetFactory, ModelFactory, ModeFactory, BackendFactory):
        for name in factory.list():
            assert re.search(rf"\b{re.escape(name)}\b", text), f"README.md does not name the {factory.kind} {name!r}"
    assert f"{len(PreprocessFactory.list())} preprocesses and {len(AugmentationFactory.list())} augmentations" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_no_place_on_somebodys_machine(page: Path) -> None:
    found = re.search(r"(?<![\w.~}$])/(home|root|work|tmp|Users)/\S*", page.read_text(encoding="utf-8"))
    assert found is None, found and found[0]
