"""Which metrics a convention has, and what each of them needs."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from samjax.errors import UserError
from samjax.metrics import mit, salicon, tuebingen
from samjax.metrics.emd import emd


class Metric(NamedTuple):
    """A metric of one convention.

    Attributes:
        score: Takes the predictions [B, H, W] and what it needs, returns a value per image [B].
            Those of ON_HOST take one image at a time instead.
        needs: The names of its other arguments, which are among those of `compute`.
    """

    score: Callable[..., Any]
    needs: tuple[str, ...]


POINT_METRIC = ("counts", "mask")
MAP_METRIC = ("density", "mask")
SHUFFLED_METRIC = ("counts", "others", "mask")
GAIN_METRIC = ("counts", "center_bias", "mask")

CONVENTIONS: dict[str, dict[str, Metric]] = {
    "mit": {
        "NSS": Metric(mit.nss, POINT_METRIC),
        "CC": Metric(mit.cc, MAP_METRIC),
        "SIM": Metric(mit.sim, MAP_METRIC),
        "KL": Metric(mit.kl, MAP_METRIC),
        "AUC_Judd": Metric(mit.auc_judd, (*POINT_METRIC, "limit")),
        "AUC_Borji": Metric(mit.auc_borji, POINT_METRIC),
        "sAUC": Metric(mit.sauc, SHUFFLED_METRIC),
        "IG": Metric(mit.ig, GAIN_METRIC),
        "EMD": Metric(emd, MAP_METRIC),
    },
    "tuebingen": {
        "NSS": Metric(tuebingen.nss, POINT_METRIC),
        "CC": Metric(mit.cc, MAP_METRIC),  # all conventions agree on it
        "SIM": Metric(tuebingen.sim, MAP_METRIC),
        "KL": Metric(tuebingen.kl, MAP_METRIC),
        "AUC": Metric(tuebingen.auc, (*POINT_METRIC, "limit")),
        "AUC_Judd": Metric(tuebingen.auc_judd, (*POINT_METRIC, "limit")),
        "sAUC": Metric(tuebingen.sauc, (*SHUFFLED_METRIC, "limit")),
        "IG": Metric(tuebingen.ig, GAIN_METRIC),
        "LL": Metric(tuebingen.ll, POINT_METRIC),
    },
    "salicon": {
        "NSS": Metric(tuebingen.nss, POINT_METRIC),
        "CC": Metric(mit.cc, MAP_METRIC),
        "AUC_Borji": Metric(salicon.auc_borji, POINT_METRIC),
        "sAUC": Metric(salicon.sauc, SHUFFLED_METRIC),
    },
}

LOWER_IS_BETTER = frozenset({"KL", "EMD"})
OPTIONAL_NEEDS = frozenset({"others", "center_bias"})
# EMD is slow, does not run in JAX, and asks where a pixel lies: it is computed on request only.
ON_HOST = frozenset({"EMD"})


def metric_names(convention: str) -> tuple[str, ...]:
    """Return the names of a convention's metrics in the order of tables.

    Raises:
        UserError: There is no such convention.
    """
    if convention not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise UserError(f"there is no convention {convention!r}; the conventions are {known}")
    return tuple(CONVENTIONS[convention])


def check_names(convention: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as a tuple.

    Raises:
        UserError: There is no such convention, or it lacks one of the metrics, which is named.
    """
    known = metric_names(convention)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UserError(
            f"convention {convention} has no metric {unknown[0]!r}; it has {', '.join(known)}"
        )
    return tuple(names)


def default_names(convention: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the metrics that are computed where none are asked for.

    These are all that need no more than the basic maps and what is given, but not EMD.

    Args:
        convention: "mit", "tuebingen" or "salicon".
        given: Which of "others" and "center_bias" there are.

    Raises:
        UserError: There is no such convention.
    """
    missing = OPTIONAL_NEEDS - set(given)
    names = []
    for name in metric_names(convention):
        needs = CONVENTIONS[convention][name].needs
        if name not in ON_HOST and not missing & set(needs):
            names.append(name)
    return tuple(names)
