"""The five modes, each written once for all tasks."""
