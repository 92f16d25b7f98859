"""Generators of synthetic recordings."""
