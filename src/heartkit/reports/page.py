"""HTML pages in one file each, which load nothing from anywhere and read well on paper, on a phone and in the dark."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import metadata, resources
from pathlib import Path
from typing import NewType

from heartkit import files

Html = NewType("Html", str)
"""Text that is HTML already; all other text is escaped on its way into a page."""

DISCLAIMER = "Research software, not a medical device."

# Besides what stands in the page itself nothing is allowed; plotly's WebGL traces compile their drawing code.
_POLICY = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'"


def write_page(
    path: Path,
    title: str,
    subtitle: str,
    facts: Mapping[str, str],
    sections: Iterable[Html],
    script: Html | None = None,
) -> None:
    """Write a page, wholly or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    title, subtitle : str
        What the page is about, and a line on it.
    facts : mapping of str to str
        What a reader must know to judge the rest, as a small table under the title.
    sections : iterable of Html
        The body, as `section` makes it.
    script : Html, optional
        Script elements for the page's end.

    Raises
    ------
    HeartkitError
        If the file cannot be written.
    """
    style = resources.files("heartkit.reports").joinpath("page.css").read_text("utf-8")
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1><p>{escape(subtitle)}</p><dl>{rows}</dl></header>\n"
        f"<main>\n{''.join(sections)}</main>\n"
        f"<footer>heartkit {escape(_version())}. {DISCLAIMER}</footer>\n{script or ''}</body>\n</html>\n"
    )
    files.write_text(path, text)


def section(title: str, *parts: Html) -> Html:
    """Return a section with its heading."""
    return Html(f"<section><h2>{escape(title)}</h2>\n{''.join(parts)}</section>\n")


def paragraph(text: str) -> Html:
    """Return a paragraph."""
    return Html(f"<p>{escape(text)}</p>\n")


def numbers(values: Mapping[str, str]) -> Html:
    """Return a few numbers in large print, each over its name."""
    tiles = "".join(f"<div><dd>{escape(value)}</dd><dt>{escape(name)}</dt></div>" for name, value in values.items())
    return Html(f'<dl class="numbers">{tiles}</dl>\n')


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "", words: int = 1) -> Html:
    """Return a table.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : sequence of sequence of str
        Cells.
    caption : str
        Stands above the table.
    words : int
        How many of the first columns hold words; the others hold numbers and are aligned right.
    """
    head = "".join(f'<th scope="col"{_kind(at, words)}>{escape(name)}</th>' for at, name in enumerate(columns))
    body = "".join(f"<tr>{''.join(_cell(at, cell, words) for at, cell in enumerate(row))}</tr>\n" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n'
    )


def picture(path: Path, alt: str, caption: str) -> Html:
    """Return a figure that holds a PNG file.

    Parameters
    ----------
    path : Path
        The file; its bytes go into the page.
    alt : str
        What the picture shows, for those who cannot see it.
    caption : str
        Stands below it.
    """
    content = path.read_bytes()
    width = int.from_bytes(content[16:20], "big") * 96 // 150  # from the figures' 150 pixels per inch to CSS pixels
    data = base64.b64encode(content).decode("ascii")
    image = f'<img src="data:image/png;base64,{data}" width="{width}" alt="{escape(alt)}">'
    return figure(Html(f'<div class="wide">{image}</div>'), caption)


def figure(content: Html, caption: str) -> Html:
    """Return a figure with what stands below it."""
    return Html(f"<figure>{content}<figcaption>{escape(caption)}</figcaption></figure>\n")


def _cell(at: int, text: str, words: int) -> str:
    return f'<th scope="row">{escape(text)}</th>' if at == 0 else f"<td{_kind(at, words)}>{escape(text)}</td>"


def _kind(at: int, words: int) -> str:
    return "" if at < words else ' class="number"'


def _version() -> str:
    try:
        return metadata.version("heartkit")
    except metadata.PackageNotFoundError:
        return "(not installed)"
