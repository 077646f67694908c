"""Scores during training: quick, at the map's resolution, to pick the best checkpoint.

Scores that are reported come from `samjax.evaluation`, at the original resolution and by a named
convention.
"""

import functools
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import jax
import numpy as np

from samjax.console.training_progress import TrainingProgress
from samjax.data.example import Examples
from samjax.data.pipeline import eval_batches
from samjax.data.stored_features import StoredFeatures
from samjax.errors import UserError
from samjax.parallel.mesh import put, replicated
from samjax.pictures.panels import panel
from samjax.training import steps
from samjax.training.experiment import Experiment
from samjax.training.feature_cache import Features
from samjax.training.metrics import DIRECTION, BatchMetrics
from samjax.training.preemption import Preemption
from samjax.training.state import TrainState, inference_variables
from samjax.training.writer import NoWriter, Writer


class Validation:
    """Runs the validation sets of an experiment, and judges whether a state is the best so far."""

    def __init__(self, experiment: Experiment, features: Features | None = None) -> None:
        """Compile nothing yet: that happens when the first batch comes.

        Args:
            experiment: What is validated.
            features: Of the images; None to run the whole network.
        """
        self._mixture = experiment.validation
        self._stored = features.validation if features else [[] for _ in self._mixture]
        self._selecting = experiment.selecting
        self._pictures = experiment.reporting.pictures
        self._evaluate_every = experiment.plan.evaluate_every
        self._steps = experiment.plan.steps
        self._mesh = experiment.mesh
        self._batches = functools.partial(
            eval_batches,
            batch_size=experiment.loading.local_batch_size,
            canvases=experiment.canvases,
            process_index=jax.process_index(),
            process_count=jax.process_count(),
            num_threads=experiment.loading.threads,
            viewing_times_ms=experiment.loss.viewing_times_ms,
        )
        self._step = jax.jit(
            functools.partial(steps.eval_step, model=experiment.model, loss=experiment.loss),
            out_shardings=replicated(experiment.mesh),
        )
        self._apply = jax.jit(functools.partial(experiment.model.apply, all_timesteps=True))

    def run(
        self,
        state: TrainState,
        step: int,
        writer: Writer | NoWriter,
        progress: TrainingProgress,
        preemption: Preemption,
    ) -> dict[str, float] | None:
        """Score every validation set, show and write the scores, and return their means.

        A score that one of the sets lacks is left out of the means.

        Returns:
            The means by name; None where the run is asked to stop meanwhile.
        """
        scores = []
        for entry, stored in zip(self._mixture, self._stored, strict=True):
            metrics = self._score(entry.source, stored, state, preemption)
            if metrics is None:
                return None
            scores.append(metrics.compute())
            progress.report(step, entry.name, scores[-1])
            writer.scalars(step, entry.name, scores[-1])
        if self._pictures and jax.process_index() == 0:
            writer.pictures(step, self._draw(state))
        common = set.intersection(*(set(s) for s in scores))
        return {k: float(np.mean([s[k] for s in scores])) for k in scores[0] if k in common}

    def is_due(self, step: int) -> bool:
        """Return whether there is a validation after a step."""
        return step > 0 and (step % self._evaluate_every == 0 or step == self._steps)

    def _score(
        self,
        source: Examples,
        stored: Sequence[StoredFeatures | None],
        state: TrainState,
        preemption: Preemption,
    ) -> BatchMetrics | None:
        """Return the metrics of one validation set; None where the run is asked to stop."""
        metrics: list[BatchMetrics] = []
        with closing(self._batches(source, stored=stored)) as batches:
            for batch in batches:
                question = preemption.ask()
                metrics.append(self._step(state, put(batch, self._mesh)))
                # Not many batches ahead, or a request to stop would wait for all of them.
                jax.block_until_ready(metrics[-2:-1])
                if preemption.answer(question):
                    return None
        return BatchMetrics.merge(metrics)

    def judge(self, state: TrainState, scores: dict[str, float]) -> tuple[TrainState, float]:
        """Return the state with its best score brought up to date, and the score.

        The score is the monitored one, with the sign that makes larger better.

        Raises:
            UserError: The validation data do not give the monitored score.
        """
        monitor = self._selecting.monitor
        if monitor not in scores:
            raise UserError(
                f"the validation data give no {monitor} (they have {', '.join(scores)}); "
                "set --config.train.monitor"
            )
        score = DIRECTION[monitor] * scores[monitor]
        if score > float(state.best):
            # As arrays of all processes, like the rest of the state.
            state = replace(
                state,
                best=jax.device_put(np.asarray(score, state.best.dtype), state.best.sharding),
                best_step=jax.device_put(np.asarray(state.step), state.best_step.sharding),
            )
        return state, score

    def exhausted(self, state: TrainState) -> bool:
        """Return whether `patience` evaluations have passed since the best one."""
        patience = self._selecting.patience
        evaluations = (int(state.step) - int(state.best_step)) // self._evaluate_every
        return patience > 0 and evaluations >= patience

    def _draw(self, state: TrainState) -> dict[str, np.ndarray]:
        """Return pictures by name.

        One for each of some images shows it, its density, and the map and the attention of each
        timestep; one for each block shows its priors.
        """
        source = self._mixture[0].source
        # Only of the first canvas, if there are several.
        batch = next(iter(self._batches(source)))
        images = batch["image"][: self._pictures]
        variables = jax.device_get(inference_variables(state))
        output = self._apply(variables, images)
        saliency, attention, all_priors = jax.device_get(
            (output.timestep_saliency, output.attention, output.priors)
        )
        pictures = {}
        for i, image in enumerate(images):
            maps = [batch["density"][i], *saliency[i], *attention[i]]
            name = source.image_id(int(batch["index"][i]))
            pictures[f"image_{name}"] = panel(image, maps)
        for block, priors in enumerate(all_priors, 1):
            maps = list(np.moveaxis(priors, -1, 0))
            if maps:
                pictures[f"priors_{block}"] = panel(None, maps)
        return pictures
