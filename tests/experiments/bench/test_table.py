"""The tables of results, and the picture of them."""

import pytest
from PIL import Image

from experiments.bench import plot, table

SECONDS = {"seconds": 0.5, "seconds_quartiles": [0.25, 1.0]}
RATIO = {"ratio": 2.0, "ratio_quartiles": [1.5, 2.5]}
NETWORK = {
    "predict, batch 1": {
        "contenders": {
            "samjax": SECONDS | {"compile_seconds": 1.0},
            "pytorch eager": SECONDS | {"compile_seconds": 0.0},
        },
        "ratios": {"pytorch eager": RATIO},
        "differences": {"pytorch eager": {"saliency": 2e-6}},
    }
}
TIMESTEPS = {
    "forward": {
        "timesteps": [1, 4],
        "seconds": {"samjax": [0.1, 0.2], "jax as coded": [0.2, 0.6]},
        "marginal": {"samjax": SECONDS, "jax as coded": SECONDS},
        "shares": {"jax as coded": RATIO},
    }
}
ROOFLINE = {
    "predict, batch 8": SECONDS
    | {
        "multiply_adds": 2e9,
        "multiply_adds_as_coded": 4e9,
        "xla_multiply_adds": 3e9,
        "bytes_accessed": 1e9,
        "teraflops": 0.25,
        "product_teraflops": 0.5,
        "share_of_product": 0.5,
        "share_of_product_quartiles": [0.25, 0.75],
    }
}


@pytest.mark.parametrize(
    ("make", "results", "line"),
    [
        (
            table.network,
            NETWORK,
            "| predict, batch 1 | pytorch eager | 0.5 (0.25 to 1) | 2.00 (1.50 to 2.50) "
            "| 0.0 | 2e-06 |",
        ),
        (
            table.convolutions,
            {"3x3": {"way": "Direct", "forward": SECONDS | RATIO, "gradient": SECONDS | RATIO}},
            "| 3x3 | Direct | 500.0 | 2.00 (1.50 to 2.50) | 500.0 | 2.00 (1.50 to 2.50) |",
        ),
        (
            table.timesteps,
            TIMESTEPS,
            "| forward | jax as coded | 0.2, 0.6 | 0.5 (0.25 to 1) | 2.00 (1.50 to 2.50) |",
        ),
        (table.memory, {"predict": {"samjax": 2**30}}, "| predict | 1.00 GiB |"),
        (
            table.roofline,
            ROOFLINE,
            "| predict, batch 8 | 2.0 G | 4.0 G | 3.0 G | 1.0 GB | 0.5 (0.25 to 1) | 0.25 | 0.5 "
            "| 0.50 (0.25 to 0.75) |",
        ),
        (table.name_and_value, {"a": {"b": 0.5}}, "| a b | 0.5 |"),
    ],
)
def test_a_row_of_each_table(make, results, line):
    assert line in make(results).splitlines()


def test_memory_that_cannot_be_read_says_why():
    assert table.memory({"note": "no /proc"}) == "no /proc"


def test_a_panel_for_each_task_and_each_pass(tmp_path):
    results = {"network": {"results": NETWORK}, "timesteps": {"results": TIMESTEPS}}
    plot.draw(results, tmp_path / "benchmark.png")
    with Image.open(tmp_path / "benchmark.png") as picture:
        assert picture.width == 2 * 3.2 * 150
    plot.draw({}, tmp_path / "nothing.png")
    assert not (tmp_path / "nothing.png").exists()
