"""The prepared scenes that the suite shares."""

from trained import scenes

__all__ = ["scenes"]
