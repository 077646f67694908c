"""The table in all its forms."""

import csv
import json
import math

import pytest

from experiments.ablation import table


def estimate(mean, **more):
    return {"mean": mean, "low": mean - 1, "high": mean + 1, "images": 2, "seeds": 1, **more}


COST = {"multiply_adds": 2e9, "parameters": 10, "seconds": 0.5, "memory_bytes": 2**21}
NOTHING = {"mean": math.nan, "low": math.nan, "high": math.nan, "images": 0, "seeds": 1}


def row(label, difference, nss):
    about = {"mode": "retrain", "label": label, "images": 2, "seeds": 1, "reference": "T=1"}
    return {**about, "scores": {"NSS": nss}, "difference": difference, "cost": COST}


@pytest.fixture
def summary():
    rows = [
        row("T=1", {}, estimate(1.5)),
        row("T=2", {"NSS": estimate(0.25, p=0.0123)}, NOTHING),
    ]
    about = {"dataset": "osie", "split": "a_b", "convention": "mit", "images": 2, "seeds": 1}
    return {**about, "metrics": ["NSS"], "rows": rows}


def test_the_cells_are_scores_and_then_differences(summary):
    head, first, second, difference = table.table_cells(summary)
    assert head == ["", "NSS", "10^9 multiply-adds", "10^6 parameters", "ms per image", "MiB"]
    assert first == ["retrain T=1", "1.500 [0.500, 2.500]", "2", "0.000", "500", "2"]
    assert second[1] == "-"
    assert difference[:2] == ["retrain T=2 - T=1", "+0.250 [-0.750, +1.250] p 0.0123"]


def test_csv_leaves_missing_numbers_empty(summary):
    first, second = csv.DictReader(table.as_csv(summary).splitlines())
    assert float(first["NSS_low"]) == 0.5
    assert first["NSS_difference"] == second["NSS"] == ""
    assert float(second["NSS_p"]) == 0.0123


def test_json_has_no_nan(summary, tmp_path):
    table.write(summary, tmp_path)
    read = json.loads((tmp_path / "table.json").read_text())
    assert read["rows"][1]["scores"]["NSS"]["mean"] is None


def test_latex_and_markdown_hold_the_same_cells(summary):
    for text in (table.markdown(summary), table.latex(summary), table.screen(summary)):
        assert "1.500 [0.500, 2.500]" in text
    lines = table.latex(summary).splitlines()
    assert sum(line.endswith(r"\\") for line in lines) == len(table.table_cells(summary))
    assert r"$10^9$ multiply-adds" in table.latex(summary)
    assert lines.index(r"\midrule", 5) == 7  # between two rows of scores and the differences


def test_columns_are_aligned_on_the_screen(summary):
    _, *lines = table.screen(summary).splitlines()
    assert {line[17:19] for line in lines[:-1]} == {"  "}
