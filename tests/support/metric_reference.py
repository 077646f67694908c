"""The metrics of the mit convention in float64 NumPy, word for word; nothing shared with samjax."""

import numpy as np
from scipy.ndimage import gaussian_filter

from samjax.metrics import compute

EPS = 2.0**-52
NAMES = ("NSS", "CC", "SIM", "KL", "AUC_Judd")


def direct(s, counts, g, mask):
    """The definitions, word for word, on the pixels of the mask in float64."""
    s, f, g = (np.asarray(a, np.float64)[mask] for a in (s, counts, g))
    fixated = f > 0

    def unit(x):
        return (x - x.min()) / (x.max() - x.min())

    minimum = np.minimum(unit(s) / unit(s).sum(), unit(g) / unit(g).sum()).sum()
    p, q = s / s.sum(), g / g.sum()
    return {
        "NSS": ((s - s.mean()) / s.std(ddof=1))[fixated].mean(),
        "CC": np.corrcoef(s, g)[0, 1],
        "SIM": minimum,
        "KL": (q * np.log(EPS + q / (p + EPS))).sum(),
        "AUC_Judd": direct_judd(s, fixated),
    }


def direct_judd(s, fixated):
    """Every threshold by brute force; without jitter, so for maps without ties."""
    n, pixels = fixated.sum(), s.size
    tp, fp = [0.0], [0.0]
    for k, threshold in enumerate(np.sort(s[fixated])[::-1], start=1):
        tp.append(k / n)
        fp.append((np.count_nonzero(s >= threshold) - k) / (pixels - n))
    return np.trapezoid([*tp, 1], [*fp, 1])


def random_case(rng, height, width, fixations, levels=None):
    s = gaussian_filter(rng.random((height, width)), 2) + 0.1 * rng.random((height, width))
    s = np.float32(s if levels is None else np.round(s * levels) / levels)
    counts = np.zeros((height, width), np.float32)
    np.add.at(counts, (rng.integers(0, height, fixations), rng.integers(0, width, fixations)), 1)
    return s, counts, np.float32(gaussian_filter((counts > 0).astype(float), 3))


def score(s, counts, g, mask=None, **options):
    mask = np.ones(s.shape, bool) if mask is None else mask
    values = compute("mit", s[None], counts[None], g[None], mask[None], **options)
    return {name: float(value[0]) for name, value in values.items()}
