"""Lines of `metrics.jsonl` that are odd are named and passed over."""

import pytest

from samjax.training.metrics_file import name_odd, read_lines

GOOD = b'{"step": 3, "kind": "train", "loss": 1.5, "count": 2}'
ODD = [
    b"\xff\xfe\x00 bytes",
    b"{",
    b"[1, 2]",
    b"7",
    b"null",
    b'{"kind": "train"}',
    b'{"step": "3", "kind": "train"}',
    b'{"step": null, "kind": "train"}',
    b'{"step": 3.5, "kind": "train"}',
    b'{"step": -1, "kind": "train"}',
    b'{"step": true, "kind": "train"}',
    b'{"step": 3, "kind": ["train"]}',
    b"[" * 100_000,
    GOOD + GOOD,
]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_line_is_told_from_the_others(tmp_path, text):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(GOOD + b"\n" + text + b"\n\n" + GOOD + b"\n")
    lines, odd = read_lines(path)
    assert [line.step for line in lines] == [3, 3]
    assert [(line.number, line.text) for line in odd] == [(2, text)]
    assert name_odd(path, odd) == f"{path}: line 2 cannot be read"


def test_only_finite_numbers_are_values(tmp_path):
    path = tmp_path / "metrics.jsonl"
    huge = "9" * 400
    path.write_text(
        '{"step": 3, "kind": "osie", "KL": 0.5, "CC": NaN, "a": Infinity, "b": "text", "c": true, '
        f'"d": {huge}, "e": 4}}\n'
    )
    ((line,), odd) = read_lines(path)
    assert (line.kind, line.values, odd) == ("osie", {"KL": 0.5, "e": 4.0}, [])


def test_a_last_line_that_was_cut_off_is_not_odd(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(GOOD + b"\n" + GOOD[:20])
    lines, odd = read_lines(path)
    assert (len(lines), odd) == (1, [])
    assert read_lines(tmp_path / "missing") == ([], [])


def test_many_odd_lines_are_counted(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"odd\n" * 9)
    assert (
        name_odd(path, read_lines(path)[1])
        == f"{path}: lines 1, 2, 3, 4, 5 and 4 more cannot be read"
    )
