"""Repeated rows are found wherever they stand, and the first of them is none."""

import math

import numpy as np

from samjax.data.raw.repeated_rows import repeated_rows


def test_repeats_are_found_in_any_order_and_unknown_values_are_equal(rng):
    rows = [
        (1, 2.0, math.nan),
        (1, 3.0, 5.0),
        (1, 2.0, math.nan),
        (2, 2.0, math.nan),
        (1, 3.0, 5.0),
    ]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    assert repeated_rows(columns).tolist() == [False, False, True, False, True]
    assert repeated_rows([np.array([])]).tolist() == []
    many = rng.integers(0, 4, (3, 500))
    seen: set[tuple] = set()
    expected = [row in seen or bool(seen.add(row)) for row in zip(*many.tolist(), strict=True)]
    assert repeated_rows(list(many)).tolist() == expected
