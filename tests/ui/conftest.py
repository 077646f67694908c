"""The fixtures of the page's tests."""

from ui_server import client, model

__all__ = ["client", "model"]
