"""The fixtures of the page's tests."""

from ui_server import client, model, no_writing, url

__all__ = ["client", "model", "no_writing", "url"]
