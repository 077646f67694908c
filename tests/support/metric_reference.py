"""The metrics of the mit convention in float64 NumPy, word for word; nothing shared with samjax."""

import numpy as np
from scipy.ndimage import gaussian_filter

from samjax.metrics import compute

EPS = 2.0**-52
NAMES = ("NSS", "CC", "SIM", "KL", "AUC_Judd")

# A sum of n terms in float32 loses at most n * 2^-24 of the sum of their magnitudes, whatever the
# order of the additions, and that order differs between processors. Maps are summed in three
# stages of about 64 terms, so a sum loses at most 1.2e-5, and a metric, a quotient of a few sums, a
# few times that. In absolute terms too, because NSS and CC may be near 0: their scale is about 1.
FLOAT32 = {"rel": 1e-4, "abs": 2e-5}


def direct(s, counts, g, mask=None):
    """The definitions, word for word, on the pixels of the mask in float64."""
    mask = np.ones(s.shape, bool) if mask is None else mask
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


def random_case(rng, height, width, num_fixations, levels=None):
    """A map, counts and a density, float32 [H, W]; with `levels` the map has ties."""
    s = gaussian_filter(rng.random((height, width)), 2) + 0.1 * rng.random((height, width))
    s = np.float32(s if levels is None else np.round(s * levels) / levels)
    counts = np.zeros((height, width), np.float32)
    rows = rng.integers(0, height, num_fixations)
    columns = rng.integers(0, width, num_fixations)
    np.add.at(counts, (rows, columns), 1)
    return s, counts, np.float32(gaussian_filter((counts > 0).astype(float), 3))


def in_a_frame(rng, maps, top, left, size):
    """Return the maps [h, w] in larger ones [H, W], rubbish around them, and their mask."""
    height, width = maps[0].shape
    mask = np.zeros(size, bool)
    mask[top : top + height, left : left + width] = True
    framed = []
    for image in maps:
        # Sparse, so that as a count map it needs no larger limit, and no other program.
        frame = np.float32(rng.integers(0, 3, size) * (rng.random(size) < 0.1))
        frame[mask] = image.ravel()
        framed.append(frame)
    return framed, mask


def score(s, counts, g, mask=None, **options):
    """The metrics of mit for one image."""
    mask = np.ones(s.shape, bool) if mask is None else mask
    values = compute("mit", s[None], counts[None], g[None], mask[None], **options)
    return {name: float(value[0]) for name, value in values.items()}
