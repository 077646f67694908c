"""Text tables."""

from samjax.console.table import format_table


def test_columns_are_aligned_and_lines_end_with_their_text():
    rows = [["", "NSS", "CC"], ["model", "2.1", "0.85"], ["chance", "0", ""]]
    assert format_table(rows) == "        NSS  CC\nmodel   2.1  0.85\nchance  0"


def test_a_table_without_rows_is_empty():
    assert format_table([]) == ""
