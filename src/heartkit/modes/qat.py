"""Quantisation-aware training: a float network first, then a fine-tune of it that computes as its int8 export will."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heartkit import console
from heartkit.frames.batches import Batches
from heartkit.models.quantise_aware import observe, quantise_aware
from heartkit.modes import fitting
from heartkit.params import HKTrainParams

log = logging.getLogger(__name__)

FLOAT_JOB = "float"
"""Folder in the job folder where the float network is trained."""
EPOCHS_SHARE, RATE_SHARE = 0.25, 0.1
"""Of a fine-tune that follows its float training: shares of that training's epochs and learning rate."""
OBSERVED_FRAMES = 2000
"""Training frames that ranges start from, as many as an export calibrates on."""


def after_float(params: HKTrainParams, train: Callable[[HKTrainParams], Path], checkpoint: str) -> HKTrainParams:
    """Train the float network of a configuration that gives none, and return the parameters of its fine-tune.

    Parameters
    ----------
    params : HKTrainParams
        With ``quantization.qat``.
    train : callable
        Trains with the parameters it is given and returns the best model's file.
    checkpoint : str
        Where in a job folder the state of a training is.

    Returns
    -------
    HKTrainParams
        `params` itself where ``weights_file`` is given. Otherwise with the float network's weights, the seed it was
        trained with, and shares of its epochs and learning rate.
    """
    if params.weights_file is not None:
        return params
    folder = params.job_dir / FLOAT_JOB
    console.say(f"First the float network, in {folder}.")
    plain = params.quantization.replaced(qat=False)
    weights = train(params.replaced(job_dir=folder, model_file=None, quantization=plain))
    console.say("Then the same network with fake quantisation.")
    return params.replaced(
        weights_file=weights,
        seed=int(fitting.stored_identity(folder / checkpoint)["seed"]),
        epochs=max(1, round(EPOCHS_SHARE * params.epochs)),
        lr_rate=RATE_SHARE * params.lr_rate,
    )


def rounding(model: Any, batches: Batches, batch_size: int) -> Any:
    """Return a network that computes as the int8 export of `model` will, with ranges from the first training batches.

    Raises
    ------
    ModelError
        If a layer cannot be quantised while training.
    """
    rounded = quantise_aware(model)
    observe(rounded, (batches.batch(number)[0] for number in range(-(-OBSERVED_FRAMES // batch_size))))
    log.info("quantisation-aware: %d layers, %d weights", len(rounded.layers), rounded.count_params())
    return rounded
