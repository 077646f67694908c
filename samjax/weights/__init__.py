"""Weight files of this program and of others: `load` reads any known file, `save` writes one."""

from samjax.weights.load import load, save
from samjax.weights.pretrained import PAPER, Pretrained, is_paper, merge_pretrained
from samjax.weights.published import PUBLISHED

__all__ = ["PAPER", "PUBLISHED", "Pretrained", "is_paper", "load", "merge_pretrained", "save"]
