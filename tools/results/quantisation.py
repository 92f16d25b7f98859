"""The page of what number formats cost, see `tools.quantisation`."""

from __future__ import annotations

from typing import Any

from tools.results.cells import interval, signed

QUANTISATION_WORDS = (
    "Macro F1 of frames of validation patients, the same for all forms: the float model in Keras, all others in "
    "TensorFlow Lite Micro. *Lost* is the float model's macro F1 minus the form's. Intervals are 95 %, by bootstrap "
    "over patients; those of what is lost are paired, as all forms answer the same frames. Ranges of what was "
    "quantised after training come from training patients. All take means over time with average pools, but where a "
    "form says otherwise. The validation patients chose the epoch of the float "
    "network and of the fine-tune. Written by `python -m tools.quantisation` and `python -m tools.results`."
)


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
            lost = signed(row["lost"]) if "lost" in row else ""
            sizes = [f"{row[key]:,}" if key in row else "" for key in ("bytes", "arena_bytes")]
            lines.append(f"| {form} | {interval(row['macro_f1'])} | {lost} | {' | '.join(sizes)} |")
        lines += ["", f"The float network has {one['parameters']:,} parameters."]
    return "\n".join(lines) + "\n"
