"""`metrics.jsonl` reads as if a resumed run had never stopped; TensorBoard gets the same."""

import json

import numpy as np

from samjax.training.writer import Writer


def steps(folder) -> list[int]:
    return [
        json.loads(line)["step"] for line in (folder / "metrics.jsonl").read_text().splitlines()
    ]


def write(folder, numbers, from_step=0):
    writer = Writer(folder, from_step)
    for number in numbers:
        writer.scalars(number, "train", {"loss": 1.0 / number})
    writer.pictures(number, {"image": np.zeros((4, 5, 3), np.uint8)})
    writer.close()


def test_lines_behind_the_checkpoint_are_dropped_on_resuming(tmp_path):
    write(tmp_path, [1, 2, 3, 4])
    write(tmp_path, [3, 4, 5], from_step=2)
    assert steps(tmp_path) == [1, 2, 3, 4, 5]


def test_a_validation_that_was_not_finished_is_dropped_on_resuming(tmp_path):
    writer = Writer(tmp_path)
    for step, kind in [(1, "train"), (1, "osie"), (2, "train"), (2, "osie")]:
        writer.scalars(step, kind, {"loss": 1.0})
    writer.close()
    for validated, kept in ((True, 4), (False, 3)):
        Writer(tmp_path, 2, validated).close()
        assert steps(tmp_path) == [1, 1, 2, 2][:kept]


def test_a_half_written_line_does_not_matter(tmp_path):
    write(tmp_path, [1, 2])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 3, "kin')
    write(tmp_path, [3], from_step=2)
    assert steps(tmp_path) == [1, 2, 3]


def test_a_new_run_starts_an_empty_file(tmp_path):
    write(tmp_path, [1, 2])
    write(tmp_path, [1])
    assert steps(tmp_path) == [1]


def test_tensorboard_events_are_written(tmp_path):
    write(tmp_path, [1])
    (events,) = (tmp_path / "tensorboard").iterdir()
    content = events.read_bytes()
    assert b"train/loss" in content
    assert b"image" in content


def test_odd_lines_are_told_kept_aside_and_stop_nothing(tmp_path, capsys):
    write(tmp_path, [1, 2])
    odd = [b"\xff\xfe odd bytes", b'{"step": "two"}']
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.writelines(line + b"\n" for line in odd)
    write(tmp_path, [3], from_step=2)
    assert steps(tmp_path) == [1, 2, 3]
    assert (tmp_path / "metrics.odd").read_bytes().splitlines() == odd
    told = capsys.readouterr().err
    assert told == f"{tmp_path}/metrics.jsonl: lines 3, 4 cannot be read; kept in metrics.odd\n"


def test_a_validation_that_was_not_finished_is_written_again(tmp_path):
    writer = Writer(tmp_path)
    writer.scalars(2, "train", {"loss": 1.0})
    writer.scalars(2, "osie", {"KL": 1.0})
    writer.close()
    Writer(tmp_path, 2, validated=False).close()
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line)["kind"] == "train"
