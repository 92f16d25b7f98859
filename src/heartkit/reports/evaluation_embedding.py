"""What an evaluation says of an embedding: tables for the console, sections for the page."""

from __future__ import annotations

from collections.abc import Iterator

from heartkit.reports import page, words
from heartkit.reports.evaluation_tables import MODEL, Report, Table, methods
from heartkit.reports.page import Html

_TERMS = (
    "Agreement: the share of frames whose nearest neighbour, among all frames scored, is of the same patient; chance: "
    "the same of neighbours drawn blindly. Loss: the contrastive loss at temperature 0.1 among up to 1,024 frames. "
    "Alignment: mean squared distance of two frames of a patient, 0 to 4. Uniformity: how evenly the frames fill the "
    "sphere, 0 for a single point, lower for more evenly (Wang and Isola 2020). Either can be had alone at the cost of "
    "the other."
)
_PROBE_TERMS = (
    "A logistic regression for each label is fitted to the embeddings of training patients' frames and scored on "
    "frames of these patients: what the embedding has learned of labels that it never saw. Beside it the same "
    "regression on other features: the answers of the same network before training, and the power in sixteen bands "
    "of frequency. "
    "Neighbours: how many of a frame's five nearest frames of other patients agree with it on the label, and by chance."
)
_COLUMNS = {"loss": "loss", "alignment": "alignment", "uniformity": "uniformity"}


def embedding_tables(metrics: Report) -> list[Table]:
    """Return what the console shows of embeddings."""
    found = methods(metrics.get("embedding"), metrics, "embedding")
    return [*([patient_table(found)] if found else []), *probe_tables(metrics, brief=True)]


def patient_table(found: dict[str, Report]) -> Table:
    """Return how well frames of one patient find each other, one row for each method."""
    columns = ["method", "agreement\n(95\u00a0%)", "chance", *_COLUMNS.values()]
    rows = [
        [
            name, words.score_with_interval(one["agreement"]), words.score(one["chance"]),
            *(words.number(one[key], 3) for key in _COLUMNS),
        ]
        for name, one in found.items()
    ]  # fmt: skip
    return Table("Patients known again, frames", columns, rows)


def probe_tables(metrics: Report, brief: bool = False) -> list[Table]:
    """Return what linear probes read from the embedding, one table for each kind of label.

    Parameters
    ----------
    metrics : mapping
        What ``metrics.json`` holds.
    brief : bool
        Leave out what neighbours say, so that the tables fit a narrow console.
    """
    found = methods(metrics.get("probes"), metrics, "probes")
    return [_probe_table(kind, found, brief) for kind in found.get(MODEL, {})]


def _probe_table(kind: str, found: dict[str, Report], brief: bool) -> Table:
    reports = {name: one[kind] for name, one in found.items() if kind in one}
    mine = reports[MODEL]
    columns = [
        "label",
        "frames",
        "AUROC\n(95\u00a0%)",
        *(f"AUROC\n{name}".replace(" ", "\n") for name in reports if name != MODEL),
    ]
    columns += [] if brief else ["neighbours agree", "by chance"]
    others = [one for name, one in reports.items() if name != MODEL]
    rows = []
    for tag, one in mine["tags"].items():
        beside = [words.score(other["tags"].get(tag, {}).get("auroc")) for other in others]
        near = [] if brief else [words.score(mine["neighbours"][tag][key]) for key in ("agreement", "chance")]
        rows.append([tag, f"{one['support']:,}", words.score_with_interval(one["auroc"]), *beside, *near])
    beside = [words.score(other["macro_auroc"]) for other in others]
    macro = words.score_with_interval(mine["macro_auroc"])
    rows.append(["macro average", f"of {mine['items']:,}", macro, *beside, *([] if brief else ["", ""])])
    return Table(f"Linear probe, {kind}", columns, rows)


def embedding_sections(metrics: Report) -> Iterator[Html]:
    """Return the sections on an embedding, none where there is none."""
    found = methods(metrics.get("embedding"), metrics, "embedding")
    if found:
        title, columns, rows = patient_table(found)
        said = page.paragraph(words.intervals(found[MODEL]))
        yield page.section(title, said, page.paragraph(_TERMS), page.table(columns, rows))
    reports = methods(metrics.get("probes"), metrics, "probes").get(MODEL, {})
    for number, (kind, (title, columns, rows)) in enumerate(zip(reports, probe_tables(metrics), strict=True)):
        terms = [page.paragraph(_PROBE_TERMS)] if number == 0 else []
        yield page.section(title, page.paragraph(words.intervals(reports[kind])), *terms, page.table(columns, rows))
