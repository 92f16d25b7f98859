"""Frames: where they may be cut, which are drawn, and batches of them."""
