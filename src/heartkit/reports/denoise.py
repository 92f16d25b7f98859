"""The demo of denoising: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from heartkit.reports import page
from heartkit.reports.denoise_demo import CLEAN, DENOISED, NOISY, RESIDUAL, DenoiseDemo, key_numbers, score_rows
from heartkit.reports.denoise_picture import draw_picture
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html
from heartkit.reports.signal_chart import Curve, signal_rows, spectra

__all__ = ["DenoiseDemo", "write_demo"]


def write_demo(demo: DenoiseDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : DenoiseDemo
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
    write_lead_page(report, demo, "noise in", "denoised", _sections(demo))


def _sections(demo: DenoiseDemo) -> Iterator[Html]:
    yield page.section("In short", page.numbers(key_numbers(demo)))
    yield page.section("Signals", page.paragraph(_said(demo)), _signals(demo))
    alt = "Power spectral densities of the signals."
    yield page.section("Spectra", spectra(demo.spectra(), demo.unit, alt))
    if rows := score_rows(demo):
        said = f"Means over stretches of {demo.window} samples, the model's frame size, against the clean signal."
        yield page.section("Scores", page.paragraph(said), page.table(["score", "noisy", "denoised"], rows))


def _said(demo: DenoiseDemo) -> str:
    if demo.clean is None:
        return "No augmentation is configured: the recording itself is taken as noisy, and what is clean is not known."
    return (
        "The recording is taken as clean. The configured augmentations added noise to it, stretch by stretch, recorded "
        "noise from where training took none. The residual is what is wrong with the denoised signal."
    )


def _signals(demo: DenoiseDemo) -> Html:
    unit = f" ({demo.unit})" if demo.unit else ""
    denoised = Curve("denoised", demo.denoised, DENOISED, 1.3)
    noisy = Curve("noisy", demo.signal, NOISY)
    if demo.clean is None:
        rows = {
            f"noisy{unit}": [noisy], f"denoised{unit}": [denoised],
            f"taken off{unit}": [Curve("taken off", demo.residual, RESIDUAL)],
        }  # fmt: skip
    else:
        rows = {
            f"noisy{unit}": [noisy],
            f"clean, denoised{unit}": [Curve("clean", demo.clean, CLEAN, 2.5), denoised],
            f"error{unit}": [
                Curve("noise", demo.signal - demo.clean, NOISY), Curve("residual", demo.residual, RESIDUAL, 1.3),
            ],
        }  # fmt: skip
    alt = f"Lead {demo.lead} over time in rows: {', '.join(rows)}."
    return signal_rows(demo, rows, alt)
