"""The demo of beats: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from heartkit.reports import page
from heartkit.reports.beat_charts import rr_chart, template_chart, trace_chart
from heartkit.reports.beat_demo import AFTER, BEFORE, NO_CLASS, BeatDemo, class_rows, comparison_rows, key_numbers
from heartkit.reports.beat_picture import draw_picture
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html

__all__ = ["NO_CLASS", "BeatDemo", "write_demo"]


def write_demo(demo: BeatDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : BeatDemo
        What to show.
    report : Path
        HTML file to write; it loads nothing from anywhere.
    picture : Path
        PNG file to write.

    Raises
    ------
    HeartkitError
        If a file cannot be written.
    """
    draw_picture(picture, demo)
    write_lead_page(report, demo, "beats of", "classified", _sections(demo))


def _sections(demo: BeatDemo) -> Iterator[Html]:
    yield page.section("In short", page.numbers(key_numbers(demo)), page.paragraph(_source(demo)))
    yield page.section("Trace", trace_chart(demo))
    if not len(demo.times):
        return
    columns = ["class", "beats", "share", "median RR before, ms", "mean probability"]
    yield page.section("Classes", page.table(columns, class_rows(demo)), *_comparison(demo))
    yield page.section("Templates", *_templates(demo))
    yield page.section("RR intervals", *_intervals(demo))


def _source(demo: BeatDemo) -> str:
    """Say where the beats are from, and which have no class."""
    if not len(demo.times):
        return "No beats were found in this recording, so there is nothing to classify."
    said = "The beats are those annotated in the recording."
    if demo.reference is None:
        said = "The beats are the R peaks that NeuroKit2's delineator finds; none are annotated."
    left = int((demo.classes == NO_CLASS).sum())
    return said + (f" {left:,} too near the ends of the recording for a whole frame have no class." if left else "")


def _comparison(demo: BeatDemo) -> Iterator[Html]:
    if rows := comparison_rows(demo):
        caption = "How many of the beats of each annotated kind are in each class"
        yield page.table(["annotated", "beats", *demo.class_names], rows, caption)


def _templates(demo: BeatDemo) -> Iterator[Html]:
    if demo.templates:
        yield template_chart(demo)
        return
    reach = f"{BEFORE:g} s before to {AFTER:g} s after it"
    yield page.paragraph(f"There are none: no classified beat lies in the recording from {reach}.")


def _intervals(demo: BeatDemo) -> Iterator[Html]:
    if demo.rr is None:
        yield page.paragraph("There are none: an RR interval needs two beats.")
        return
    yield rr_chart(demo, demo.rr)
