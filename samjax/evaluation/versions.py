"""What a score was computed with."""

from importlib import metadata

PACKAGES = ("samjax", "jax", "flax", "numpy", "opencv-python-headless")


def versions() -> dict[str, str]:
    """Return the versions of the packages that a score depends on."""
    return {name: metadata.version(name) for name in PACKAGES}
