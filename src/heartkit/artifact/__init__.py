"""The artifact: a trained network converted to LiteRT and C, inspected, and verified on TensorFlow Lite Micro."""
