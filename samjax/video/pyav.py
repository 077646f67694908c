"""PyAV, which brings FFmpeg's libraries; it comes with the extra `video`."""

from typing import Any

from samjax.extras import wanted_for


def load_pyav() -> Any:
    """Import PyAV and return it.

    Raises:
        UserError: It is not installed.
    """
    with wanted_for("a video"):
        import av
    return av
