"""The facts of a dataset, as its name and the user's options determine them."""

from dataclasses import replace

from samjax.console.log import log
from samjax.data.builders.known_facts import KNOWN_FACTS
from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.errors import UserError

MAX_SIGMA = 10_000.0


def facts_of_name(name: str, sigma: float | None) -> Facts:
    """Return what is known of a dataset of the user's by its name.

    A given sigma wins. Without any, 3 % of the image's longer side is assumed, with a warning.

    Args:
        name: The dataset's name.
        sigma: One degree of visual angle in original pixels, None if the user does not say it.
    """
    if name in KNOWN_FACTS:
        return with_sigma(KNOWN_FACTS[name], sigma)
    if sigma is None:
        log(
            f"warning: one degree of '{name}' is not known; assuming "
            f"{DEFAULT_SIGMA_FRACTION:.0%} of each image's longer side (give --sigma=PIXELS)"
        )
    return with_sigma(Facts(sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION)), sigma)


def with_sigma(facts: Facts, sigma: float | None) -> Facts:
    """Return the facts with one degree of `sigma` original pixels, or as they are if it is None.

    Raises:
        UserError: Sigma is not a sensible number of pixels.
    """
    if sigma is None:
        return facts
    if not 0 < sigma < MAX_SIGMA:
        raise UserError(f"--sigma={sigma:g} is not a number of pixels above 0")
    return replace(facts, sigma=Sigma(pixels=float(sigma)))
