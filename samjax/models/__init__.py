"""SAM and its parts as Flax linen modules. Arrays are [B, H, W, C], time second [B, T, H, W, C]."""

from samjax.models.sam import SAM, SAMOutput

__all__ = ["SAM", "SAMOutput"]
