"""Saliency metrics, one value per image, each by a named convention.

A score without its convention is not a number: published scores follow one of three authorities
whose definitions differ (the resolution of repeated fixations, the degrees of freedom of a standard
deviation, the scaling before SIM, the negatives and ties of AUC). One module owns one convention:

mit        the MATLAB code of the MIT saliency benchmark (Bylinskii et al., IEEE TPAMI 2019)
tuebingen  pysaliency and today's MIT/Tuebingen benchmark (Kümmerer et al., ECCV 2018)
salicon    the server of the SALICON challenge of 2015 (Jiang et al., CVPR 2015)

`compute` scores a batch. `ground_truth` makes the count map and the density from fixations,
`shuffled` the negatives of sAUC, and `optimal` each metric's own best map from one density.
"""

from samjax.metrics.batch import compute
from samjax.metrics.conventions import CONVENTIONS, LOWER_IS_BETTER, metric_names

__all__ = ["CONVENTIONS", "LOWER_IS_BETTER", "compute", "metric_names"]
