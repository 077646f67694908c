"""The density of a map as benchmarks take it: its natural logarithm, without exact zeros."""

import numpy as np
from jaxtyping import Float

from samjax.errors import UserError
from samjax.metrics.map_values import refuse_logs

FLOOR = 1e-4  # of the mass, spread evenly where a map has zeros
SUM_TOLERANCE = 1e-3


def log_density(saliency: Float[np.ndarray, "H W"]) -> Float[np.ndarray, "H W"]:
    """Return the natural logarithm of a map's density, float32 [H, W]; its exponential sums to 1.

    Negative values are shifted up. Where there are zeros, 1e-4 of the mass is spread evenly.

    Raises:
        UserError: The map has no mass, is not finite, or is such a logarithm already.
    """
    values = np.asarray(saliency, np.float64)
    refuse_logs(values, "the map")
    values = values - min(values.min(), 0)
    if not np.isfinite(values).all() or not values.any():
        raise UserError("the map is blank or not finite; no density can be made of it")
    density = values / values.sum()
    if density.min() <= 0:  # its logarithm would be minus infinity
        density = (1 - FLOOR) * density + FLOOR / density.size
    log = np.log(density).astype(np.float32)
    # What float32 made of it must still be a density: a check of the file that is sent off.
    mass = np.exp(log.astype(np.float64)).sum()
    if abs(mass - 1) > SUM_TOLERANCE:
        raise UserError(f"the density sums to {mass:.6f}, not to 1")
    return log
