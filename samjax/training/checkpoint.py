"""Checkpoints of a work folder: saved in the background, verified on reading.

Each field of the state is an item of its own, so that prediction reads only what it needs. A save
is atomic: until it is complete and its record is written, its step does not exist.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.processes import all_gather_objects, is_main_process
from samjax.training import checkpoint_folders, item_files
from samjax.training.checkpoint_reading import (
    Found,
    best_scored,
    best_step,
    find_whole,
    items_of,
    read_items,
    read_state,
    readable_records,
)
from samjax.training.item_files import shortened
from samjax.training.record import DamagedError, MadeWith, Record, read_record, write_record
from samjax.training.state import TrainState, not_finite
from samjax.training.work_folder import publish


class Checkpoints:
    """The checkpoints of a folder, of which the latest few and the best one are kept."""

    def __init__(self, folder: Path, latest: int = 2, made_with: MadeWith | None = None) -> None:
        """Open a folder, which may be empty or missing; only saving changes anything in it.

        Args:
            folder: Of the checkpoints.
            latest: How many of the latest to keep, beside the best one.
            made_with: The configuration and the data of the run, which each checkpoint records.
        """
        self.folder = Path(folder).absolute()
        self._latest = max(latest, 1)
        self.made_with = made_with or MadeWith({}, {})
        self._background = ThreadPoolExecutor(1, "checkpoint")
        self._under_way: Future | None = None
        self._is_clean = False
        # What this run has saved is remembered: other processes may not see the files yet.
        self._last = self.latest_step()
        self._last_is_scored = self._last is not None and self.is_scored(self._last)

    def save(
        self,
        step: int,
        state: TrainState,
        score: float | None = None,
        unlogged: list[dict] | None = None,
    ) -> None:
        """Start writing a checkpoint, and return as soon as the state may be donated.

        A step that was saved already is left alone, unless it was saved without the score. All
        processes must call this.

        Args:
            step: The number of steps that the state has taken.
            state: What to save.
            score: Of the validation at this step, larger is better; None without one.
            unlogged: Metrics of the steps since the last log, as values of JSON.

        Raises:
            UserError: The state has values that are not finite; it is not saved.
        """
        if step == self._last and (score is None or self._last_is_scored):
            return
        self.wait()
        if name := not_finite(state):
            raise UserError(
                f"after step {step} {name} is not finite, and was not saved; {self.kept()}; set a "
                "lower --config.train.learning_rate with another --workdir"
            )
        # The other processes wait for the main one when orbax makes the folder.
        if not self._is_clean and is_main_process():
            self.folder.mkdir(parents=True, exist_ok=True)
            checkpoint_folders.remove_unfinished(self.folder)
        response = item_files.save(checkpoint_folders.begin(self.folder, step), items_of(state))
        self._is_clean, self._last, self._last_is_scored = True, step, score is not None
        about = Record(step, score, unlogged or [], self.made_with, None)
        self._under_way = self._background.submit(self._finish, response, about)

    def _finish(self, response: item_files.Response, about: Record) -> None:
        """Wait until the items are written, and make the checkpoint appear."""
        try:
            response.result()
            if is_main_process():
                self._complete(about)
        except Exception as error:  # a full disk is an error of many types
            if is_main_process():
                checkpoint_folders.remove_unfinished(self.folder)
            raise UserError(
                f"the checkpoint of step {about.step} could not be written ({shortened(error)}); "
                f"{self._latest_is()}; make room, and give the same command again"
            ) from error
        if is_main_process():
            publish(self.folder)

    def _complete(self, about: Record) -> None:
        """Give a written checkpoint its record and its name, and remove those to forget."""
        write_record(checkpoint_folders.begin(self.folder, about.step), about)
        checkpoint_folders.finish(self.folder, about.step)
        steps = self.steps
        kept = {*steps[-self._latest :], best_scored(readable_records(self.folder))}
        for old in sorted(set(steps) - kept):
            checkpoint_folders.remove(self.folder, old)

    def wait(self) -> None:
        """Wait until the checkpoint that is being written is complete.

        Raises:
            UserError: It could not be written.
        """
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def close(self) -> None:
        """Wait until everything is on disk."""
        try:
            self.wait()
        finally:
            self._background.shutdown()

    def kept(self) -> str:
        """Return a clause that says what can be resumed from."""
        self.wait()
        return self._latest_is()

    def _latest_is(self) -> str:
        latest = self.latest_step()
        if latest is None:
            return "there is no checkpoint"
        return f"the latest checkpoint is that of step {latest}"

    def find(self) -> Found:
        """Verify all checkpoints and return what there is to resume from; change nothing.

        All processes must call this; the main one reads the files.
        """
        found = find_whole(self.folder) if is_main_process() else Found(None, [])
        return all_gather_objects(found)[0]

    def set_aside(self, error: DamagedError) -> None:
        """Rename a damaged checkpoint, so that it no longer counts, and say so."""
        if is_main_process():
            aside = checkpoint_folders.set_aside(self.folder, int(error.path.name))
            log(f"{error}; it is set aside as {aside.name}")

    def restore(self, abstract: TrainState, step: int | None = None) -> TrainState:
        """Return a saved state, see `read_state`; that of the latest checkpoint by default."""
        return read_state(self._at(step), abstract)

    def load(self, names: tuple[str, ...], step: int | None = None) -> dict:
        """Return items of a checkpoint by name, see `read_items`."""
        return read_items(self._at(step), names)

    @property
    def steps(self) -> list[int]:
        """The steps that have a checkpoint, in order."""
        return checkpoint_folders.steps(self.folder)

    def latest_step(self) -> int | None:
        """Return the step of the latest checkpoint, None where there is none."""
        return max(self.steps, default=None)

    @property
    def best_step(self) -> int | None:
        """The step with the highest score, or the latest one where none has a score.

        Raises:
            DamagedError: The score of a checkpoint cannot be read, so it might be the best.
        """
        return best_step(self.folder)

    def is_scored(self, step: int) -> bool:
        """Return whether a checkpoint has a score; one whose record is damaged has none."""
        return any(r.step == step and r.score is not None for r in readable_records(self.folder))

    def unlogged(self, step: int) -> list[dict]:
        """Return the metrics that were saved with a step, see `save`."""
        return self.record(step).unlogged

    def record(self, step: int) -> Record:
        """Return the record of a checkpoint.

        Raises:
            DamagedError: It is not as it was written.
        """
        return read_record(self._at(step))

    def _at(self, step: int | None) -> Path:
        return self.folder / str(self.latest_step() if step is None else step)
