"""How far a float32 result may be from a float64 reference.

Each rounding of float32 is off by at most EPS, relative to the value that is rounded. The errors of
a sum of n products add up like a random walk, to about EPS sqrt(n) times the size of the summands'
sum (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 2.8), in whatever order
and with whatever fused or vectorised operations a processor takes them. The largest of thousands of
such errors is some five standard deviations out, and a processor's approximations of exp and tanh
add a few EPS, hence HEADROOM.
"""

import jax
import numpy as np

EPS = 2.0**-24  # half a unit in the last place of float32's mantissa
HEADROOM = 8


def rounding(terms: int, layers: int = 1) -> float:
    """Return the relative error that a chain of `layers` sums of `terms` products may have."""
    return HEADROOM * EPS * np.sqrt(terms * layers)


def assert_close(got, expected, tolerance: float) -> None:
    """Assert that each array is within `tolerance` of the expected one's largest value."""
    for left, right in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        scale = np.abs(right).max()
        np.testing.assert_allclose(left, right, rtol=0, atol=tolerance * scale)
