"""The plot is drawn over a numeric field, and over rows that have none."""

import pytest
from PIL import Image

from experiments.ablation import plot


def row(mode, label, x):
    return {
        "mode": mode,
        "label": label,
        "x": x,
        "scores": {"NSS": {"mean": 1.0, "low": 0.5, "high": 1.5}},
    }


@pytest.mark.parametrize("xs", [(2, 1, 1), (None, None, None)])
def test_every_row_is_drawn(tmp_path, xs):
    modes = ("retrain", "retrain", "readout")
    rows = [row(mode, f"row {k}", x) for k, (mode, x) in enumerate(zip(modes, xs, strict=True))]
    plot.draw({"metrics": ["NSS"], "field": "model.timesteps", "rows": rows}, tmp_path)
    with Image.open(tmp_path / "plot.png") as picture:
        assert picture.width == 480  # one panel of 3 inches at 160 dots per inch
    assert (tmp_path / "plot.pdf").read_bytes().startswith(b"%PDF")
