"""Weights from elsewhere and to elsewhere: `load` reads any known file, `save` writes one."""

from samjax.weights.load import load, save
from samjax.weights.loaded import PAPER, Weights, graft, is_paper
from samjax.weights.published import PUBLISHED

__all__ = ["PAPER", "PUBLISHED", "Weights", "graft", "is_paper", "load", "save"]
