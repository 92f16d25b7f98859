"""Benchmarks: each module has ``run()`` and returns what it measured; `make bench` runs them all."""
