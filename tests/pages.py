"""Pages read back as a browser reads them."""

import base64
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

VOID = {"meta", "img", "br", "link", "input"}


@dataclass
class Page:
    """What a reader finds in a page."""

    text: str
    words: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    charts: list[dict] = field(default_factory=list)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.open = page, []

    def handle_starttag(self, tag, attrs):
        self.page.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))
        if tag == "table":
            self.page.tables.append([])
        elif tag == "tr":
            self.page.tables[-1].append([])
        elif tag in ("td", "th"):
            self.page.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ("", {})
        if inside[0] == "script":
            if inside[1].get("type") == "application/json":
                self.page.charts.append(json.loads(data))
            return
        if inside[0] in ("td", "th"):
            self.page.tables[-1][-1][-1] += " ".join(data.split())
        if inside[0] != "style":
            self.page.words += data + " "


def read_page(path: Path) -> Page:
    """Parse a page; every tag must be closed, and nothing may be loaded from elsewhere."""
    page = Page(path.read_text("utf-8"))
    reader = _Reader(page)
    reader.feed(page.text)
    reader.close()
    assert not reader.open
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:")
    policies = [a["content"] for a in page.attributes("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    return page


def unpack(values: dict[str, str]) -> np.ndarray:
    """Decode numbers as plotly does."""
    return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]).newbyteorder("<"))
