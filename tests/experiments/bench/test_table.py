"""The tables of results, and the picture of them."""

import pytest
from PIL import Image

from experiments.bench import cost_table, gpu_table, plot, table
from experiments.bench.cells import UNDER_WAY

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


PARITY = {
    "vgg16, bfloat16": {
        # What is not finite is null in the file.
        "errors": {"loss": 1e-3, "saliency": 0.02, "gradient of head": None},
        "limits": {"outputs": 0.15, "gradients": 0.9},
        "verdict": "DIFFERS",
    }
}
MACHINE = {"device": "1 x GPU", "processor": "CPU", "cores": 2, "versions": {}, "date": "today"}


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
            cost_table.roofline,
            ROOFLINE,
            "| predict, batch 8 | 2.0 G | 4.0 G | 3.0 G | 1.0 GB | 0.5 (0.25 to 1) | 0.25 | 0.5 "
            "| 0.50 (0.25 to 0.75) |",
        ),
        (
            gpu_table.parity,
            PARITY,
            "| vgg16, bfloat16 | 2.0e-02 | not finite | gradient of head | 0.15, 0.9 | DIFFERS |",
        ),
        (
            gpu_table.variants,
            {
                "predict": {
                    "choices": {"unroll 1": SECONDS | {"argument_bytes": 2**31, "bytes": 2**30}},
                    "ratios": {"unroll 1": RATIO},
                    "fastest": "unroll 1",
                }
            },
            "| predict | unroll 1 (fastest) | 0.5 (0.25 to 1) | 2.000 (1.500 to 2.500) "
            "| 2.00 GiB | 1.00 GiB |",
        ),
        (table.name_and_value, {"a": {"b": 0.5}}, "| a b | 0.5 |"),
    ],
)
def test_a_row_of_each_table(make, results, line):
    assert line in make(results).splitlines()


def test_what_has_no_values_is_a_line_below_the_table():
    case = {"backbone": "vgg16", "input_size": [8, 8], "timesteps": 1, "dtype": "float32"}
    cells = {"resnet50, bfloat16": {"failed": "RuntimeError: no algorithm"}, **PARITY}
    content = {"machine": MACHINE, "plan": {"case": case}, "results": cells}
    text = table.markdown({"parity": content})
    assert "- resnet50, bfloat16: failed: RuntimeError: no algorithm" in text.splitlines()
    assert "| vgg16, bfloat16 |" in text


def test_a_contender_that_fails_is_a_line_below_the_table():
    cell = NETWORK["predict, batch 1"] | {"failures": {"pytorch compile": "no compiler"}}
    assert table.remarks({"predict": cell}) == ["- predict, pytorch compile: no compiler"]


def test_a_contender_that_is_not_installed_and_a_cell_under_way_are_lines():
    first = {"first_seconds": 3.0, "rounds": []}
    cell = {"contenders": {"samjax": first}, "ratios": {}, "differences": {}, UNDER_WAY: True}
    case = {"backbone": "vgg16", "input_size": [8, 8], "timesteps": 1, "dtype": "float32"}
    absent = {"onnxruntime": "left out, onnxruntime not installed; run pip install '.[bench]'"}
    content = {"plan": {"case": case}, "absent": absent, "results": {"predict, batch 1": cell}}
    machine = MACHINE | {"instructions": ["AVX2", "AMX"]}
    lines = table.markdown({"network": content | {"machine": machine}}).splitlines()
    assert (
        "1 x GPU, CPU (AVX2, AMX), 2 cores; SAM with vgg16, 8x8, T = 1, float32; ; today" in lines
    )
    assert "| predict, batch 1 | samjax |  |  | 3.0 |  |" in lines
    assert "- predict, batch 1: interrupted; the same command goes on" in lines
    assert f"- onnxruntime: {absent['onnxruntime']}" in lines


def test_memory_that_cannot_be_read_says_why():
    assert table.memory({"note": "no /proc"}) == "no /proc"


def test_a_panel_for_each_task_and_each_pass(tmp_path):
    results = {"network": {"results": NETWORK}, "timesteps": {"results": TIMESTEPS}}
    plot.draw(results, tmp_path / "benchmark.png")
    with Image.open(tmp_path / "benchmark.png") as picture:
        assert picture.width == 2 * 3.2 * 150
    plot.draw({}, tmp_path / "nothing.png")
    assert not (tmp_path / "nothing.png").exists()
