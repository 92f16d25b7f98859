"""Figures, and pages that show them."""
