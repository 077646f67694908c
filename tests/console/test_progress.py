"""Progress over images: a bar on a terminal, plain lines in a pipe."""

import pytest

from samjax.console import progress
from samjax.console.log import log
from samjax.console.progress import ProgressBar, track


@pytest.fixture
def now(monkeypatch):
    """The time that the display sees; tests turn it."""
    time = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: time[0])
    return time


def test_a_pipe_is_told_what_begins_and_how_it_ended(now, capsys):
    for _ in track(range(4), 4, "drawing"):
        now[0] += 0.5
    assert capsys.readouterr().err == "drawing 4 images\ndrawing 4/4 images, 2.0/s\n"


def test_a_pipe_gets_a_line_now_and_then(now, capsys):
    with ProgressBar("drawing", None) as bar:
        for _ in range(5):
            now[0] += 4
            bar.done()
    # Twelve seconds after the start for the first time, then at the end.
    assert capsys.readouterr().err == "drawing 3 images, 0.2/s\ndrawing 5 images, 0.2/s\n"


def test_a_failure_does_not_look_like_an_end(now, capsys):
    with pytest.raises(ZeroDivisionError), ProgressBar("drawing", 2):
        _ = 1 / 0
    assert capsys.readouterr().err == "drawing 2 images\n"


def test_images_of_an_earlier_run_do_not_count_for_the_speed(now, capsys):
    with ProgressBar("drawing", 10, initial=6) as bar:
        now[0] += 2
        bar.done(4)
    assert capsys.readouterr().err.splitlines()[-1] == "drawing 10/10 images, 2.0/s"


def test_items_pass_through(capsys):
    assert list(track("abc", None, "reading")) == ["a", "b", "c"]


def test_a_terminal_gets_a_bar_and_lines_above_it(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with ProgressBar("drawing", 2) as bar:
        assert bar.has_bar
        bar.done(2)
        bar.write("a line")
    shown = capsys.readouterr().err
    assert "drawing: 100%" in shown
    assert "2/2" in shown
    assert "a line\n" in shown


def test_log_leaves_standard_output_to_results(capsys):
    log("loading")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "loading\n")


def test_bytes_are_shortened(now, capsys):
    with ProgressBar("vgg16.h5", 58_900_000, initial=8_900_000, unit="B") as bar:
        now[0] += 10
        bar.done(50_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["vgg16.h5 58.9M B", "vgg16.h5 58.9M/58.9M B, 5.00M/s"]
