"""Write ``docs/results/`` from the metrics stored in ``zoo/`` and ``benchmarks/``: no number there is typed by hand.

``python -m tools.results`` writes the pages, of which each has a file here, as has each section of a model's page; a
test holds that they agree with what is stored.
"""

from __future__ import annotations

from tools.results.benchmarks import benchmark_page
from tools.results.model import model_page
from tools.results.options import options_page
from tools.results.quantisation import quantisation_page
from tools.results.stored import BENCHMARKS, OPTIONS, OVERLAPS, PAGES, QUANTISATION, ROOT, ZOO, read
from tools.results.zoo import zoo_page

__all__ = ["PAGES", "ROOT", "ZOO", "main", "pages"]


def pages() -> dict[str, str]:
    """Return file name -> text of every page."""
    trained = sorted(file.parent for file in ZOO.glob("*/model.keras"))
    made = {f"{folder.name}.md": model_page(folder) for folder in trained}
    made["zoo.md"] = zoo_page()
    if BENCHMARKS.exists():
        made["benchmarks.md"] = benchmark_page(read(BENCHMARKS))
    if QUANTISATION.exists():
        made["quantisation.md"] = quantisation_page(read(QUANTISATION))
    if OPTIONS.exists() and OVERLAPS.exists():
        made["training-options.md"] = options_page(read(OPTIONS), read(OVERLAPS))
    return made


def main() -> None:
    """Write the pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")
