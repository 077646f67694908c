"""Speed counts training only; a pipe gets plain lines."""

from samjax.console.training_progress import TrainingProgress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_compiling_evaluating_and_saving_are_left_out_of_the_speed():
    clock = Clock()
    progress = TrainingProgress(0, 10, batch_size=4, clock=clock)
    clock.now += 100  # compiling, within the first step
    progress.step()
    for _ in range(2):
        clock.now += 2
        progress.step()
    progress.pause()
    clock.now += 50  # an evaluation
    progress.step()
    clock.now += 2
    progress.waited(0.5)
    progress.step()
    assert progress.speed()["images_per_second"] == 3 * 4 / 6
    assert progress.speed()["data_wait"] == 0.5 / 6


def test_a_pipe_gets_one_line_with_speed_and_remaining_time(capsys):
    clock = Clock()
    progress = TrainingProgress(0, 10, batch_size=4, clock=clock)
    for _ in range(3):
        progress.waited(0.5)
        progress.step()
        clock.now += 2
    progress.report(3, "train", {"loss": 1.25})
    line = capsys.readouterr().err
    assert line == "train 3/10  loss 1.25  2.0 images/s, 25.0% of it waiting for data, 00:14 left\n"
