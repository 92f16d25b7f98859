"""The page of a demo that shows one lead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from heartkit.reports import page
from heartkit.reports.charts import script
from heartkit.reports.lead_demo import LeadDemo, facts
from heartkit.reports.page import Html


def write_lead_page(report: Path, demo: LeadDemo, what: str, done: str, sections: Iterable[Html]) -> None:
    """Write the page of a demo.

    Parameters
    ----------
    report : Path
        HTML file to write; it loads nothing from anywhere.
    demo : LeadDemo
        What is shown.
    what, done : str
        For the title and the line under it: what of the recording is shown, such as ``"waves in"``, and what was done
        to it, such as ``"segmented"``.
    sections : iterable of Html
        The body.

    Raises
    ------
    HeartkitError
        If the file cannot be written.
    """
    title = f"Demo: {what} {demo.dataset} {demo.record}"
    subtitle = f"Lead {demo.lead}, {done} by {demo.model}"
    page.write_page(report, title, subtitle, facts(demo), sections, script())
