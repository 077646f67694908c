"""Ablations: points of a grid of config fields, trained, scored and compared."""
