"""The demo of wave segmentation: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from heartkit.reports import page
from heartkit.reports.hrv_charts import variability
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html
from heartkit.reports.segmentation_charts import trace_chart
from heartkit.reports.segmentation_demo import SegmentationDemo, key_numbers, wave_rows
from heartkit.reports.segmentation_picture import draw_picture

__all__ = ["SegmentationDemo", "write_demo"]


def write_demo(demo: SegmentationDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : SegmentationDemo
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
    write_lead_page(report, demo, "waves in", "segmented", _sections(demo))


def _sections(demo: SegmentationDemo) -> Iterator[Html]:
    found = [] if len(demo.waves) else [page.paragraph("The model found no waves in this recording.")]
    yield page.section("In short", page.numbers(key_numbers(demo)), *found)
    yield page.section("Trace", trace_chart(demo) if len(demo.signal) else page.paragraph("The recording is empty."))
    yield page.section("Waves", *_waves(demo))
    yield page.section(demo.said.variability, *variability(demo.rr, demo.hrv, demo.said))


def _waves(demo: SegmentationDemo) -> Iterator[Html]:
    rows = wave_rows(demo)
    if not rows:
        yield page.paragraph("There are none: nothing was found, and nothing is annotated.")
        return
    if len(demo.reference):
        yield page.paragraph(
            "Annotators often leave the first and last beats of a recording out, so fewer may be annotated."
        )
        yield page.table(["wave", "found", "annotated", "found: median, ms", "annotated: median, ms"], rows)
    else:
        yield page.table(["wave", "found", "median duration, ms"], [[row[0], row[1], row[3]] for row in rows])
