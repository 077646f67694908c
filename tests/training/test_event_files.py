"""Event files are TensorBoard's, on disk when flushed, and read as if a run had never stopped."""

import numpy as np
import pytest
from tensorboardX.proto import event_pb2

from samjax.data.prepare.tfrecord import read_tfrecord
from samjax.training.event_files import EventFile, cut_events

PICTURE = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


def write(folder, steps, from_step=0):
    """A run that logs at every step, and validates at even ones."""
    file = EventFile(folder, from_step)
    for step in steps:
        file.scalar(step, "train/loss", 1.0 / step)
        if step % 2 == 0:
            file.scalar(step, "osie/KL", step)
            file.picture(step, "image_a", PICTURE)
    file.close()


def events(folder) -> list:
    files = sorted(folder.iterdir())
    return [event_pb2.Event.FromString(data) for file in files for data in read_tfrecord(file)]


def points(folder) -> list[tuple[int, str]]:
    return [(e.step, e.summary.value[0].tag) for e in events(folder) if e.HasField("summary")]


def test_what_is_written_is_read_by_tensorboards_format(tmp_path):
    write(tmp_path, [1, 2])
    header, *_ = written = events(tmp_path)
    assert header.file_version == "brain.Event:2"
    assert points(tmp_path) == [
        (1, "train/loss"),
        (2, "train/loss"),
        (2, "osie/KL"),
        (2, "image_a"),
    ]
    assert written[1].summary.value[0].simple_value == 1.0
    image = written[4].summary.value[0].image
    assert (image.height, image.width) == (4, 5)
    assert image.encoded_image_string.startswith(b"\x89PNG")


def test_a_flush_leaves_nothing_in_memory(tmp_path):
    file = EventFile(tmp_path)
    file.scalar(1, "train/loss", 1.0)
    file.flush()
    assert points(tmp_path) == [(1, "train/loss")]  # the file is still open
    file.close()


def test_no_point_is_lost_or_there_twice_after_two_resumptions(tmp_path):
    write(tmp_path / "whole", range(1, 10))
    folder = tmp_path / "stopped"
    write(folder, range(1, 6))
    for start, stop in ((4, 8), (6, 10)):
        cut_events(folder, start)
        write(folder, range(start + 1, stop), from_step=start)
    assert points(folder) == points(tmp_path / "whole")


def test_a_validation_that_was_not_finished_is_cut(tmp_path):
    write(tmp_path, range(1, 5))
    cut_events(tmp_path, 4, validated=False)
    assert points(tmp_path)[-1] == (4, "train/loss")


def test_a_new_run_leaves_nothing_of_the_old_one(tmp_path):
    write(tmp_path, range(1, 5))
    cut_events(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_open_tensorboard_is_told_what_to_forget(tmp_path):
    write(tmp_path, [6], from_step=5)
    start = [event for event in events(tmp_path) if event.HasField("session_log")]
    assert [(event.step, event.session_log.status) for event in start] == [
        (6, event_pb2.SessionLog.START)
    ]


@pytest.mark.parametrize("damage", [lambda d: d[:-7], lambda d: d[:60] + b"\xff" * 40 + d[100:]])
def test_a_damaged_file_does_not_stop_a_run(tmp_path, damage):
    write(tmp_path, range(1, 5))
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    cut_events(tmp_path, 3)
    assert path.exists()
