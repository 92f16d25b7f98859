"""Published ways to score a model, each by its name: `evaluate` with ``protocol``."""
