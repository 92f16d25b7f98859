"""Write ``docs/results/`` from the metrics stored in ``zoo/`` and ``benchmarks/``: no number there is typed by hand.

``python -m tools.results`` writes the pages; a test holds that they agree with what is stored.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heartkit.reports.ec57 import SCORES, STATISTICS, TABLES
from tools import overlaps, variants
from tools.tag_results import embedding_lines, tag_lines

ROOT = Path(__file__).parents[1]
ZOO, PAGES, BENCHMARKS = ROOT / "zoo", ROOT / "docs" / "results", ROOT / "benchmarks" / "results.json"
QUANTISATION = BENCHMARKS.with_name("quantisation.json")
QUANTISATION_WORDS = (
    "Macro F1 of frames of validation patients, the same for all forms: the float model in Keras, all others in "
    "TensorFlow Lite Micro. *Lost* is the float model's macro F1 minus the form's. Intervals are 95 %, by bootstrap "
    "over patients; those of what is lost are paired, as all forms answer the same frames. Ranges of what was "
    "quantised after training come from training patients. The validation patients chose the epoch of the float "
    "network and of the fine-tune. Written by `python -m tools.quantisation` and `python -m tools.results`."
)
BENCHMARK_WORDS = (
    "Written by `make bench` and `python -m tools.results`. The machines are shared: compare ratios, not digits."
)
CHOSEN = " but chose the epoch and the configuration: expect a little less on others."
ITEMS = {"beat": "beat by beat", "rhythm": "window by window"}
"""What of whole recordings is scored, by task; elsewhere samples are."""
EC57_WORDS = (
    "All annotated beats but those of the first five minutes of each recording, and of ventricular flutter. VEB: "
    "ventricular, SVEB: supraventricular ectopic beats. Gross counts every beat alike, average every recording that "
    "defines the score."
)
FIDUCIALS = ("onset", "peak", "offset")
CONVERTED = (
    {"auroc": "macro AUROC", "f1": "macro F1", "acc": "accuracy"},
    {"f1": "macro F1", "acc": "accuracy"},
    {"agreement": "agreement", "loss": "contrastive loss"},
    {"cosine": "cosine similarity", "loss": "mean squared error"},
)
"""Which scores of a converted model are shown: the first columns that there are."""
SIGNAL_SCORES = {
    "snr": ("SNR, dB", 1), "rmse": ("RMSE", 3), "mae": ("MAE", 3), "prd": ("PRD, %", 1),
    "correlation": ("correlation", 3), "ssd": ("SSD", 2), "mad": ("MAD", 3), "prd_deepfilter": ("PRD, %", 1),
    "cosine": ("cosine", 3),
}  # fmt: skip
"""What scores of signals are called, and how many digits they have."""


def pages() -> dict[str, str]:
    """Return file name -> text of every page."""
    trained = sorted(file.parent for file in ZOO.glob("*/model.keras"))
    made = {f"{folder.name}.md": model_page(folder) for folder in trained}
    made["zoo.md"] = zoo_page()
    if BENCHMARKS.exists():
        made["benchmarks.md"] = benchmark_page(json.loads(BENCHMARKS.read_text(encoding="utf-8")))
    if QUANTISATION.exists():
        made["quantisation.md"] = quantisation_page(json.loads(QUANTISATION.read_text(encoding="utf-8")))
    if variants.STORED.exists():
        made["training-options.md"] = variants.page(json.loads(variants.STORED.read_text(encoding="utf-8")))
        if overlaps.STORED.exists():
            made["training-options.md"] += "\n" + "\n".join(overlaps.section(_json(overlaps.STORED))) + "\n"
    return made


def zoo_page() -> str:
    """Show every configuration of the zoo in a line: what it costs, what it scores, and on what."""
    lines = [
        "# The zoo",
        "",
        "Every name is a configuration that ships (`heartkit zoo`). Scores are those of patients that were not trained "
        "on, of the split that the last column names, with 95 % intervals over patients; what they are of differs from "
        "task to task. Parameters are those of the folded "
        "network; the arena is TFLite-Micro's on the PC. Written by `python -m tools.cards` and "
        "`python -m tools.results`.",
        "",
        "| name | task | parameters | MACs | arena, bytes | score | converted | data |",
        "| --- | --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    for folder in sorted(file.parent for file in ZOO.glob("*/config.json")):
        if not (folder / "card.json").exists():
            lines.append(f"| {folder.name} | | | | | not trained here | | |")
            continue
        facts = _json(folder / "card.json")
        score = f"{facts['score']['name']} {_interval(facts['score'])}"
        lines.append(
            f"| [{folder.name}]({folder.name}.md) | {facts['task']} | {facts['parameters']:,} | {facts['macs']:,} | "
            f"{facts['arena_bytes']:,} | {score} | {_kept(facts)} | {facts['data']} |"
        )
    return "\n".join(lines) + "\n"


def _kept(facts: dict[str, Any]) -> str:
    """Say what converting cost, in the score of frames that exports watch."""
    before, after = facts["converted"]["float model"], facts["converted"]["TFLite-Micro"]
    name = next(name for name in ("auroc", "f1", "cosine", "agreement", "loss") if name in before)
    return f"{facts['format']}: {name} {before[name]:.3f} → {after[name]:.3f}"


def model_page(folder: Path) -> str:
    """Describe one model of the zoo: what it is, on what it was trained, what it scores."""
    metrics, exported = _json(folder / "metrics.json"), _json(folder / "export.json")
    lines = [f"# {folder.name}", "", _about(folder, metrics, exported), ""]
    special = [*tag_lines(metrics), *embedding_lines(metrics)]
    if "output" in metrics.get("frames", {}):
        special = [*_signals(metrics), *_protocol(folder)]
    if special:
        lines += [*special, "## Converted", "", *_converted(exported), "", *_notes(folder)]
        return "\n".join(lines).rstrip() + "\n"
    beside = {} if "recordings" in metrics else {name: one["samples"] for name, one in metrics["baselines"].items()}
    lines += ["## Frames", "", *_samples({"model": metrics["frames"], **beside}), ""]
    if "probabilities" in metrics["frames"]:
        lines += [*_probabilities(metrics["frames"]["probabilities"]), ""]
    if "recordings" in metrics:
        scored = {"model": metrics["recordings"], **metrics["baselines"]}
        lines += [f"## Whole recordings, {ITEMS.get(metrics['task'], 'sample by sample')}", ""]
        lines += [*_samples({name: one["samples"] for name, one in scored.items()}), ""]
        if boundaries := {name: one["boundaries"] for name, one in scored.items() if "boundaries" in one}:
            lines += ["## Wave boundaries", "", _boundary_words(), "", *_boundaries(boundaries), ""]
        # Classes that mix what EC57 tells apart have no such table.
        if ec57 := {name: one["ec57"] for name, one in scored.items() if "gross" in one.get("ec57", {})}:
            lines += [
                "## Ectopic beats after EC57",
                "",
                EC57_WORDS,
                "",
                *_ec57(ec57),
                "",
                *_ec57_records(ec57["model"]),
            ]
    lines += list(_r_peaks(metrics, _stored(folder, "r_peaks.json")))
    lines += list(_pulse_rates(_stored(folder, "pulse_rate.json")))
    if found := _stored(folder, "crossval.json"):
        lines += [*_crossval(found), ""]
    lines += ["## Converted", "", *_converted(exported), "", *_notes(folder)]
    return "\n".join(lines).rstrip() + "\n"


def benchmark_page(results: dict[str, Any]) -> str:
    """Show what was measured, with the machine it was measured on."""
    lines = ["# Benchmarks", "", BENCHMARK_WORDS, "", f"Machine: {results['machine']}; heartkit {results['version']}."]
    for name, values in results["benchmarks"].items():
        lines += ["", f"## {name}", "", "| what | measured | target |", "| --- | ---: | ---: |"]
        targets = results["targets"].get(name, {})
        lines += [f"| {what} | {_plain(value)} | {targets.get(what, '')} |" for what, value in _flat(values)]
    return "\n".join(lines) + "\n"


def quantisation_page(stored: dict[str, Any]) -> str:
    """Show what each number format costs each network."""
    lines = ["# What quantising costs", "", QUANTISATION_WORDS]
    for name, one in stored.items():
        data, tune = one["data"], one["fine_tune"]
        lines += [
            "",
            f"## {name}",
            "",
            f"{data['frames']:,} frames of {data['patients']} {data['split']} patients "
            f"({', '.join(data['datasets'])}). Fine-tune of the float network: {tune['epochs_run']} of "
            f"{tune['epochs']} epochs of {tune['steps_per_epoch']} batches of {tune['batch_size']}, learning rate "
            f"from {tune['lr_rate']:g}.",
            "",
            "| form | macro F1 | lost | bytes | arena |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for form, row in one["forms"].items():
            lost = _signed(row["lost"]) if "lost" in row else ""
            sizes = [f"{row[key]:,}" if key in row else "" for key in ("bytes", "arena_bytes")]
            lines.append(f"| {form} | {_interval(row['macro_f1'])} | {lost} | {' | '.join(sizes)} |")
        lines += ["", f"The float network has {one['parameters']:,} parameters."]
    return "\n".join(lines) + "\n"


def _about(folder: Path, metrics: dict[str, Any], exported: dict[str, Any]) -> str:
    config = _json(folder / "config.json")
    rows = list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))
    train = ", ".join(f"{one['name']} (weight {one.get('weight', 1)})" for one in config["datasets"])
    scored = ", ".join(
        f"{one['name']}: {one['recordings']} recordings of {one['patients']} patients"
        for one in metrics["datasets"]
        if one["patients"]
    )
    return (
        f"Task {metrics['task']}, {metrics['sampling_rate']} Hz, frames of {metrics['frame_size']} samples, "
        f"{exported['macs']:,} MACs per frame. Trained for {len(rows)} epochs on {train}; configuration: "
        f"[`configs/{folder.name}.json`](../../configs/{folder.name}.json). Scored on split `{metrics['split']}` "
        f"({scored}), whose patients were not trained on"
        + (CHOSEN if metrics["split"] == "val" else ".")
        + " Intervals are 95 %, by bootstrap over patients."
    )


def _samples(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    names = list(next(iter(reports.values()))["classes"])
    yield f"| method | macro F1 | {' | '.join(f'F1 {name}' for name in names)} | accuracy |"
    yield "| --- |" + " ---: |" * (len(names) + 2)
    for method, report in reports.items():
        cells = [report["macro_f1"], *(report["classes"][name]["f1"] for name in names), report["accuracy"]]
        yield f"| {method} | {' | '.join(map(_interval, cells))} |"


def _probabilities(scores: dict[str, Any]) -> Iterator[str]:
    names = list(scores["auroc"])
    yield f"| probabilities | macro | {' | '.join(names)} |"
    yield "| --- |" + " ---: |" * (len(names) + 1)
    areas = " | ".join(f"{scores['auroc'][name]:.3f}" for name in names)
    yield f"| AUROC | {scores['macro_auroc']:.3f} | {areas} |"
    yield ""
    yield f"Expected calibration error {scores['calibration_error']:.3f}."


def _signals(metrics: dict[str, Any]) -> Iterator[str]:
    """Show scores of signals frame by frame, the input's and the baselines' beside."""
    report = metrics["frames"]
    methods = {"model": report["output"]}
    if report["input"]:
        methods["input as it is"] = report["input"]
    methods |= {name: one["signals"]["output"] for name, one in metrics["baselines"].items()}
    names = [name for name in SIGNAL_SCORES if name in report["output"]]
    yield from (f"## {'Beats' if metrics.get('protocol') else 'Frames'}", "")
    yield f"| method, mean over {report['frames']:,} | {' | '.join(SIGNAL_SCORES[name][0] for name in names)} |"
    yield "| --- |" + " ---: |" * len(names)
    for method, scores in methods.items():
        cells = [_interval(scores[name]["mean"], SIGNAL_SCORES[name][1]) for name in names]
        yield f"| {method} | {' | '.join(cells)} |"
    yield ""
    if "snr" in report["output"] and report["snr_improvement"]:
        yield f"The model's SNR is {_interval(report['snr_improvement']['mean'], 1)} dB above the input's."
        yield ""
    if "heart_rate" in report:
        rates = {"model": report, **{name: one["signals"] for name, one in metrics["baselines"].items()}}
        yield "| heart rate | coverage | mean absolute error, /min | bias, /min |"
        yield "| --- | ---: | ---: | ---: |"
        for method, one in rates.items():
            rate = one["heart_rate"]
            error, bias = (_interval(rate[name], 1) for name in ("mean_absolute_error", "bias"))
            yield f"| {method} | {_number(rate['coverage'])} | {error} | {bias} |"
        yield ""


def _protocol(folder: Path) -> Iterator[str]:
    """Show the scores of a protocol, where they were kept: mean and standard deviation, as papers give them."""
    file = folder / "protocol.json"
    if not file.exists():
        return
    metrics = _json(file)
    report = metrics["frames"]
    methods = {
        "model": report["output"], "input as it is": report["input"],
        **{name: one["signals"]["output"] for name, one in metrics["baselines"].items()},
    }  # fmt: skip
    names = [name for name in SIGNAL_SCORES if name in report["output"]]
    yield from (f"## Protocol {metrics['protocol']}", "")
    yield (
        f"Split `{metrics['split']}`: {report['frames']:,} beats of {report['patients']} records, mean ± standard "
        "deviation, for the model with its 95 % interval over records. *Published* are other records (the 14 of the "
        "test split): they show the order of magnitude, not who is better."
    )
    yield from ("", f"| method | {' | '.join(SIGNAL_SCORES[name][0] for name in names)} |")
    yield "| --- |" + " ---: |" * len(names)
    for method, scores in methods.items():
        cells = [f"{scores[name]['mean']['value']:.3f} ± {scores[name]['sd']:.3f}" for name in names]
        if method == "model":
            ends = [(scores[name]["mean"]["low"], scores[name]["mean"]["high"]) for name in names]
            cells = [f"{cell} [{low:.3f}, {high:.3f}]" for cell, (low, high) in zip(cells, ends, strict=True)]
        yield f"| {method} | {' | '.join(cells)} |"
    for method, published in metrics["published"].items():
        cells = [f"{published[name][0]:.3f} ± {published[name][1]:.3f}" for name in names]
        yield f"| published: {method} | {' | '.join(cells)} |"
    yield ""


def _boundary_words() -> str:
    return (
        "One-to-one within 150 ms, inside the annotated span of each lead; error is mean and standard deviation of "
        "found minus annotated, in ms."
    )


def _boundaries(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "| method | wave | fiducial | Se | PPV | F1 | error (ms) |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for method, report in reports.items():
        for wave, points in report["waves"].items():
            for point in (*FIDUCIALS, "all"):
                one = points[point]
                if one["f1"]["value"]:
                    error = f"{_number(one['error_mean'], 1)} ± {_number(one['error_sd'], 1)}"
                    yield (
                        f"| {method} | {wave} | {point} | {_number(one['se'])} | {_number(one['ppv'])} | "
                        f"{_interval(one['f1'])} | {error} |"
                    )


def _r_peaks(*evaluations: dict[str, Any]) -> Iterator[str]:
    """Show R peaks as EC57 scores them, of each evaluation that has beats to score."""
    found = [one for one in evaluations if "r_peaks" in one.get("recordings", {})]
    if not found:
        return
    yield from ("## R peaks, beat by beat", "", _r_peak_words(), "")
    yield "| recordings | method | Se, gross | +P, gross | Se, average | +P, average |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for one in found:
        methods = {"model": one["recordings"], **one["baselines"]}
        for method, scores in methods.items():
            if report := scores.get("r_peaks"):
                where = f"{len(report['records'])} of {_origin(report, one['split'])}"
                cells = [report[kind][score] for kind in ("gross", "average") for score in ("qrs_se", "qrs_ppv")]
                yield f"| {where} | {method} | {' | '.join(map(_interval, cells))} |"
    yield ""


def _origin(report: dict[str, Any], split: str) -> str:
    return f"{', '.join(sorted({record.split('/')[0] for record in report['records']}))} ({split})"


def _r_peak_words() -> str:
    return (
        "As ANSI/AAMI EC57 asks: a pair is at most 150 ms apart, one to one; the first five minutes of each recording "
        "and ventricular flutter and fibrillation are left out. One ECG lead of each recording: II or MLII, else the "
        "first. Gross counts every beat alike, average every recording."
    )


def _pulse_rates(compared: dict[str, Any]) -> Iterator[str]:
    """Show how pulse rates on real recordings agree with the rate of their ECG."""
    if not compared:
        return
    yield from ("## Pulse rate on real recordings", "")
    yield (
        f"On {compared['recordings']} recordings of {compared['dataset']}, of which the model saw none. Nobody marked "
        f"systole or diastole there, so boundaries cannot be scored; the rate of the pulses can, against that of the R "
        f"peaks which NeuroKit2 finds in the ECG of the same {compared['seconds']:g} s. Coverage is the share of those "
        f"stretches with a rate in the ECG that have one in the PPG; errors are in beats per minute over these. "
        f"Made by `python -m tools.pulse_rate`."
    )
    yield from ("", "| method | stretches | coverage | mean absolute error | root mean square error | bias |")
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for method, one in compared["methods"].items():
        errors = [one[name] for name in ("mean_absolute_error", "root_mean_square_error", "bias")]
        cells = [_interval(one["coverage"]), *(_interval(error, 2) for error in errors)]
        yield f"| {method} | {one['reference']:,} | {' | '.join(cells)} |"
    yield ""


def _ec57(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f"| method | beats | statistic | {' | '.join(SCORES.values())} |"
    yield "| --- | --- | --- |" + " ---: |" * len(SCORES)
    for table, title in TABLES.items():
        for method, report in reports.items():
            for kind in STATISTICS:
                cells = [_interval(report[kind][f"{table}_{score}"]) for score in SCORES]
                yield f"| {method} | {title} | {kind} | {' | '.join(cells)} |"


def _ec57_records(report: dict[str, Any]) -> Iterator[str]:
    """Yield a row for each recording of the model: how many ectopic beats it has, and how many were found."""
    columns = [f"{title} {word}" for title in TABLES.values() for word in ("annotated", "Se", "+P")]
    yield f"| recording | beats | {' | '.join(columns)} |"
    yield "| --- | ---: |" + " ---: |" * len(columns)
    for record, one in report["records"].items():
        cells = []
        for table, title in TABLES.items():
            annotated = sum(one["counts"][report["matrix"]["rows"].index(title[0])])
            cells += [f"{annotated:,}", *(_known(one[f"{table}_{score}"]) for score in ("se", "ppv"))]
        yield f"| {record} | {sum(map(sum, one['counts'])):,} | {' | '.join(cells)} |"
    yield ""


def _crossval(found: dict[str, Any]) -> Iterator[str]:
    """Yield what the configuration scores when each patient in turn is unseen, see `tools.crossval`."""
    folds = ", ".join(f"{one:.3f}" for one in found["folds"])
    yield "## Cross-validated over patients"
    yield ""
    yield (
        f"The same configuration in {len(found['folds'])} folds over {found['patients']} patients: each is scored by a "
        f"model that neither trained nor chose its epoch on it. Macro F1 of frames, fold by fold: {folds}."
    )
    yield ""
    names = list(found["frames"]["classes"])
    yield f"| all patients together | macro F1 | {' | '.join(f'F1 {name}' for name in names)} |"
    yield "| --- | ---: |" + " ---: |" * len(names)
    rows = {"model, frames": found["frames"]}
    methods = {"model": found, **found["baselines"]}
    rows |= {f"{name}, whole recordings": one["samples"] for name, one in methods.items() if "samples" in one}
    for name, one in rows.items():
        yield f"| {name} | {one['macro_f1']:.3f} | {' | '.join(_known(one['classes'][c]['f1']) for c in names)} |"
    if "ec57" in found:
        yield ""
        yield from _ec57({name: one["ec57"] for name, one in methods.items() if "ec57" in one})


def _known(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _converted(exported: dict[str, Any]) -> Iterator[str]:
    checked = exported["verification"]
    on = exported["verified_on"]
    yield (
        f"{exported['format']}: {exported['bytes']:,} bytes, arena {checked['arena_bytes']:,} bytes (host), operators: "
        + ", ".join(f"{count} {name}" for name, count in exported["operators"].items())
        + f". On {checked['frames']:,} frames TFLite-Micro and LiteRT's reference kernels differ by at most "
        f"{checked['largest']:g} units."
    )
    yield ""
    scores = next(
        columns for columns in CONVERTED if all(score in exported["scores"]["float model"] for score in columns)
    )
    heading = " | ".join(scores.values())
    yield f"| interpreter ({on['frames']:,} frames of {on['patients']} {on['split']} patients) | {heading} |"
    yield "| --- |" + " ---: |" * len(scores)
    for name, one in exported["scores"].items():
        yield f"| {name} | {' | '.join(f'{one[score]:.4f}' for score in scores)} |"


def _notes(folder: Path) -> list[str]:
    """Return what a person has to add about how the model came about, if anything."""
    notes = folder / "notes.md"
    return [notes.read_text(encoding="utf-8").rstrip()] if notes.exists() else []


def _interval(score: dict[str, float | None], digits: int = 3) -> str:
    if score["value"] is None:
        return "–"
    ends = "" if score["low"] is None else f" [{score['low']:.{digits}f}, {score['high']:.{digits}f}]"
    return f"{score['value']:.{digits}f}{ends}"


def _signed(score: dict[str, float | None]) -> str:
    ends = "" if score["low"] is None else f" [{score['low']:+.4f}, {score['high']:+.4f}]"
    return f"{score['value']:+.4f}{ends}"


def _number(score: dict[str, float | None], digits: int = 3) -> str:
    return "–" if score["value"] is None else f"{score['value']:.{digits}f}"


def _flat(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _flat(value, f"{prefix} {key}".strip())
    else:
        yield prefix, values


def _plain(value: Any) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _stored(folder: Path, name: str) -> dict[str, Any]:
    """Return what a file of a model's folder holds; nothing where there is no such file."""
    return _json(folder / name) if (folder / name).exists() else {}


def _json(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def main() -> None:
    """Write the pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
