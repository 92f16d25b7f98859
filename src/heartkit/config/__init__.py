"""Configurations: files of either generation, overrides and variables, made into the parameters of a mode."""

from heartkit.config.configuration import Config, load

__all__ = ["Config", "load"]
