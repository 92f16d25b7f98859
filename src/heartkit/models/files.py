"""Keras model files: read in safe mode, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path

from heartkit.errors import ModelError
from heartkit.models import fake_quant  # noqa: F401 (its layers must be known where a stored model has them)
from heartkit.models.backend import keras


def load_model(path: Path) -> keras.Model:
    """Read a ``.keras`` file without running any code that it may carry, and without its optimizer.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    keras.Model
        With its weights.

    Raises
    ------
    ModelError
        If the file is absent, is no Keras model, or asks for code to be run.
    """
    if not path.is_file():
        raise ModelError(
            f"The model file {str(path)!r} is not there. "
            "Train one with 'heartkit train', or set model_file to a file that exists."
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever the broken part happens to raise
        raise ModelError(
            f"The model file {str(path)!r} cannot be read as a Keras model in safe mode: {_first_line(error)} "
            "Use a .keras file written by 'heartkit train', built of stock layers only."
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".") + "."
