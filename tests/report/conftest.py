"""The fixtures of the report's tests."""

from ablated import ablated
from report_folder import report_folder
from trained import scenes, trained_workdir

__all__ = ["ablated", "report_folder", "scenes", "trained_workdir"]
