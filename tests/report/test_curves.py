"""Training curves: what is read of `metrics.jsonl`, and where it lies on a chart."""

import json

import pytest

from samjax.report import curves


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_a_line_that_was_cut_and_values_that_are_not_finite_are_left_out(tmp_path):
    lines = [
        '{"step": 1, "kind": "train", "loss": 2.0, "CC": NaN}',
        '{"step": 2, "kind": "train", "lo',
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    assert curves.read_metrics(tmp_path / "metrics.jsonl") == {"loss": {"train": [(1, 2.0)]}}


def test_odd_lines_are_named_and_left_out(tmp_path, capsys):
    path = tmp_path / "metrics.jsonl"
    write(path, {"step": 1, "kind": "train", "loss": 2.0})
    with path.open("ab") as file:
        file.write(b'\xff\xfe\n{"step": "two", "kind": "train", "loss": 1.0}\n')
    assert curves.read_metrics(path) == {"loss": {"train": [(1, 2.0)]}}
    assert capsys.readouterr().err == f"{path}: lines 2, 3 cannot be read and are left out\n"


def test_without_the_file_there_are_no_curves(tmp_path):
    assert curves.read_metrics(tmp_path / "metrics.jsonl") == {}
    assert curves.make_charts({}) == []


def test_the_loss_comes_first_and_training_lies_below(tmp_path):
    path = tmp_path / "metrics.jsonl"
    write(path, {"step": 2, "kind": "osie", "CC": 0.5, "loss": 1.0})
    with path.open("a") as file:
        file.write('{"step": 4, "kind": "train", "speed": 3.0, "loss": 2.0}\n')
    charts = curves.make_charts(curves.read_metrics(path))
    assert [chart.metric for chart in charts] == ["loss", "CC", "speed"]
    assert [series.kind for series in charts[0].series] == ["train", "osie"]


def test_points_lie_inside_the_margins_on_one_scale_of_steps():
    metrics = {"loss": {"train": [(0, 3.0), (10, 1.0)]}, "CC": {"osie": [(5, 0.2)]}}
    loss, cc = curves.make_charts(metrics, best_step=10)
    (x0, y0), (x1, y1) = loss.series[0].points
    assert x0 == curves.LEFT
    assert x1 == loss.best == curves.WIDTH - curves.RIGHT
    assert curves.TOP <= y0 < y1 <= curves.HEIGHT - curves.BOTTOM  # y grows downwards
    assert cc.series[0].points[0][0] == pytest.approx((x0 + x1) / 2)
    assert loss.series[0].path.count(",") == 2
