"""Scores and their intervals, on plain arrays with NumPy alone."""
