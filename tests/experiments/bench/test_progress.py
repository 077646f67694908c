"""The progress says where the benchmark is and how long it goes on."""

from experiments.bench.progress import Progress


def test_a_log_gets_a_line_per_step(capsys):
    with Progress(3) as progress:
        progress.begin(2, "SAM-VGG, predict, batch 1", 90.0)
        progress.tell("  SAM-VGG, predict, batch 1")  # what the steps say anyway
        progress.tell("    onnxruntime: first call")
        progress.say("kept")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("[2/3, about 01:")
    assert first.endswith(" left] SAM-VGG, predict, batch 1: onnxruntime: first call")
    assert second == "kept"
