"""What the values of a map mean: saliency, a density, or the logarithm of one.

Metrics cannot tell: scored as saliency, a log density is a map like any other, and taken for a
density by dividing it by its negative sum, it is turned upside down. So what comes from outside is
looked at here first. All of this is on the host; what runs compiled is free of it.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from samjax.errors import UserError

KINDS = ("saliency", "density", "log-density")
SUM_TOLERANCE = 1e-2  # how far from 1 a density's sum may be, from half precision and resizing
BASES = {"e": 1.0, "2": np.log(2), "10": np.log(10)}


class Checked(NamedTuple):
    """A map whose values mean what is scored.

    Attributes:
        values: float32 [H, W], nowhere negative.
        is_blank: Whether all pixels have one value.
    """

    values: np.ndarray
    is_blank: bool


def log_base(values: np.ndarray) -> str:
    """Return the base to which these values [...] are the logarithms of a density: e, 2, 10 or "".

    They are if none is positive and the powers sum to 1.
    """
    if not values.size or not np.max(values) <= SUM_TOLERANCE or not np.min(values) < 0:
        return ""
    for base, factor in BASES.items():
        if abs(logsumexp(np.asarray(values, np.float64) * factor)) < SUM_TOLERANCE:
            return base
    return ""


def refuse_logs(values: np.ndarray, what: str) -> None:
    """Refuse the logarithms of a density where a map or a density is expected.

    Args:
        values: [H, W], or the values of an image that count.
        what: Who has them, begins the message.

    Raises:
        UserError: They are such logarithms.
    """
    if values.size and np.min(values) < 0 and (base := log_base(values)):
        power = "exp" if base == "e" else f"{base} to the power"
        raise UserError(
            f"{what} holds logarithms of a density (base {base}): give {power} of them, or "
            "subtract their minimum to score them as they are"
        )


def check_density(values: np.ndarray, what: str) -> None:
    """Refuse what is no density up to its scale: negative, without mass, or not finite.

    Raises:
        UserError: It is none; the message begins with `what`.
    """
    refuse_logs(values, what)
    if not np.isfinite(values).all():
        raise UserError(f"{what} is not finite, which no density is")
    if np.min(values, initial=0) < 0:
        raise UserError(f"{what} has negative values, down to {np.min(values):g}: no density")
    if not values.any():
        raise UserError(f"{what} is zero everywhere: no density")


def as_kind(values: np.ndarray, kind: str | None, normalise: bool = False) -> Checked:
    """Return a map from outside as it is to be scored.

    Args:
        values: float32 [H, W].
        kind: One of KINDS; None to accept what is plainly a map, and to ask about all else.
        normalise: Whether densities are divided by their sum; else it must be 1.

    Raises:
        UserError: The values are not of that kind, or could be of several. The message begins in
            the middle of a line, behind the name of the file.
    """
    if np.isnan(values).any() or (values == np.inf).any():
        raise UserError("is not finite (nan or infinity); make it anew")
    if kind == "log-density":
        values = _exponential(values, normalise)
    elif np.min(values) < 0:
        values = _signed(values, kind)
    elif kind == "density":
        values = _density(values, normalise)
    return Checked(values, bool(np.max(values) == np.min(values)))


def _exponential(values: np.ndarray, normalise: bool) -> np.ndarray:
    """Return the density of logarithms to base e."""
    total = float(logsumexp(values.astype(np.float64)))
    base = log_base(values)
    if base not in ("e", "") and not normalise:
        raise UserError(f"holds logarithms to base {base}; write natural ones for log-density")
    if not np.isfinite(total) or (not normalise and abs(np.expm1(min(total, 50))) > SUM_TOLERANCE):
        raise UserError(
            f"holds no log densities: their exponentials sum to e^{total:.4g}, not to 1; "
            "--normalise divides by the sum"
        )
    return np.exp(values.astype(np.float64) - (total if normalise else 0)).astype(np.float32)


def _signed(values: np.ndarray, kind: str | None) -> np.ndarray:
    """Return a map with negative values, shifted up, if that is what was asked for."""
    low, high = float(np.min(values)), float(np.max(values))
    base = log_base(values)
    what = f"has negative values, from {low:.4g} to {high:.4g}"
    if base:
        what = f"holds logarithms of a density (base {base}), from {low:.4g} to {high:.4g}"
    if kind == "saliency" and np.isfinite(low):
        return values - np.float32(low)
    if kind == "density":
        raise UserError(f"{what}: no density; --values=log-density takes the exponential")
    remedy = (
        "--values=log-density scores their exponentials, --values=saliency the values as they are"
    )
    raise UserError(f"{what}; say what they are: {remedy}")


def _density(values: np.ndarray, normalise: bool) -> np.ndarray:
    """Return a density, which sums to 1."""
    total = float(np.sum(values, dtype=np.float64))
    if not np.isfinite(total) or total <= 0:
        raise UserError("is zero everywhere, which no density is")
    if normalise:
        return (values / total).astype(np.float32)
    if abs(total - 1) > SUM_TOLERANCE:
        raise UserError(
            f"sums to {total:.6g}, so it is no density; --normalise divides each map by its sum"
        )
    return values
