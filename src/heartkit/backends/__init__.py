"""Where a network runs: one `Predictor` for Keras, LiteRT and TensorFlow Lite Micro."""
