"""The miniature that is trained once for the whole suite."""

from trained import scenes, trained_workdir

__all__ = ["scenes", "trained_workdir"]
