"""PyAV, which brings FFmpeg's libraries; it comes with the extra `video`."""

from typing import Any

from samjax.errors import UserError


def load_pyav() -> Any:
    """Import PyAV and return it.

    Raises:
        UserError: It is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise UserError("a video needs PyAV; run: pip install 'samjax[video]'") from error
    return av
