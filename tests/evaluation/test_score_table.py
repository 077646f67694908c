"""Scores as tables on the screen."""

import numpy as np
import pytest

from samjax.evaluation.score_report import summarise
from samjax.evaluation.score_table import comparison_table, sigma_text, summary_table


def test_table_is_aligned(scores):
    lines = summary_table(summarise(scores, resamples=50)).splitlines()
    assert lines[0].split() == ["NSS", "KL", "(low", "is", "good)"]
    assert [line.split()[0] for line in lines[1:4]] == ["model", "poor", "other"]
    assert lines[4].startswith("model - best")
    column = lines[0].index("KL")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)


def test_comparison_has_a_row_per_metric():
    estimate = {"mean": 0.25, "low": -0.5, "high": 1, "images": 7, "p": 0.03125}
    without = {"mean": np.nan, "low": np.nan, "high": np.nan, "images": 0, "p": np.nan}
    lines = comparison_table({"NSS": estimate, "KL": without}, "these", "other").splitlines()
    assert lines[0].split()[:3] == ["these", "-", "other"]
    assert lines[1].split() == ["NSS", "+0.2500", "[-0.5000,", "+1.0000]", "0.0312", "7"]
    assert lines[2].split() == ["KL", "-", "-", "0"]


@pytest.mark.parametrize(
    ("sigma", "text"),
    [
        ({"pixels": 24.0, "fraction": None, "screen": None}, "24 px"),
        ({"pixels": None, "fraction": 0.0296875, "screen": None}, "0.02969 of the longer side"),
        (
            {"pixels": 24.0, "fraction": None, "screen": [768, 1024]},
            "24 px of a [768, 1024] screen",
        ),
    ],
)
def test_sigma_in_words(sigma, text):
    assert sigma_text(sigma) == text
