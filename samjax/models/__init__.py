"""SAM and its parts as Flax linen modules. Arrays are [B, H, W, C], time second [B, T, H, W, C].

Flax is imported when SAM is first used: a prediction by a program that was kept does without.
"""

from typing import TYPE_CHECKING, Any

from samjax.models.output import SAMOutput

if TYPE_CHECKING:
    from samjax.models.sam import SAM

__all__ = ["SAM", "SAMOutput"]


def __getattr__(name: str) -> Any:
    """Import SAM when it is first used (PEP 562)."""
    if name != "SAM":
        raise AttributeError(f"module 'samjax.models' has no attribute {name!r}")
    from samjax.models.sam import SAM

    return SAM
