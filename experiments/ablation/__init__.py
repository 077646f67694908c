"""Ablations: the points of a grid of config fields are trained, scored and compared."""
