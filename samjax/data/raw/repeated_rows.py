"""Rows of a table that are equal to an earlier one."""

from collections.abc import Sequence

import numpy as np


def repeated_rows(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return which rows are equal to an earlier one in all columns, bool [N].

    Args:
        columns: [N] each; an unknown value (nan) is equal to another one.
    """
    # Sorted, equal rows are neighbours; the sort is stable, so the first of them comes first.
    order = np.lexsort(columns[::-1])
    equal = np.ones(max(len(order) - 1, 0), bool)
    for column in columns:
        values = column[order]
        unknown = values != values  # nan alone does not equal itself
        equal &= (values[1:] == values[:-1]) | (unknown[1:] & unknown[:-1])
    repeated = np.zeros(len(order), bool)
    repeated[order[1:]] = equal
    return repeated
