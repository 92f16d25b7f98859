"""Objectives: loss, scores and decoding for each kind of answer a task can ask for."""
