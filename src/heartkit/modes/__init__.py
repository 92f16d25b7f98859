"""The modes, each written once for all tasks."""
