"""Keras, imported once and quietly: every other module takes it from here.

Keras' backend is TensorFlow unless ``KERAS_BACKEND`` says otherwise; exporting needs TensorFlow.
TensorFlow's C++ log is silent unless ``TF_CPP_MIN_LOG_LEVEL`` is set: without a GPU it reports an error that is none,
and what goes wrong in an operation reaches Python as an exception anyway.
"""

from __future__ import annotations

import os

from heartkit.models.quiet import captured_stderr

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

with captured_stderr():  # what is logged while it loads comes before its log level is read
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]
