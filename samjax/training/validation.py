"""Scores during training: quick, at the map's resolution, to pick the best checkpoint.

Reported scores come from `samjax.evaluation.evaluate`, at the original resolution.
"""

import functools

import jax
import numpy as np
from ml_collections import ConfigDict

from samjax.data.pipeline import eval_batches
from samjax.errors import UserError
from samjax.models import SAM
from samjax.parallel.mesh import local_batch_size, put, replicated
from samjax.pictures.panels import panel
from samjax.training import config as experiment
from samjax.training import steps
from samjax.training.state import TrainState, inference_variables

# Whether a larger value is better.
DIRECTION = {"loss": -1, "KL": -1, "CC": 1, "NSS": 1, "LL": 1}


class Validation:
    """Runs the validation sets of a config, and judges whether a state is the best so far."""

    def __init__(self, config: ConfigDict, model: SAM, mesh):
        c = config.train
        if c.monitor not in DIRECTION:
            raise UserError(f"train.monitor {c.monitor!r} is unknown; use {', '.join(DIRECTION)}")
        self._monitor, self._patience, self._pictures = c.monitor, c.patience, c.pictures
        self._sources = experiment.validation_sources(config)
        self._mesh, self._model = mesh, model
        self._batches = functools.partial(
            eval_batches,
            batch_size=local_batch_size(c.batch_size, mesh),
            canvases=experiment.build_canvases(config, model),
            process_index=jax.process_index(),
            process_count=jax.process_count(),
            num_threads=config.data.threads,
            viewing_times_ms=config.loss.durations,
        )
        self._step = jax.jit(
            functools.partial(
                steps.eval_step,
                model=model,
                weights=experiment.build_loss_weights(config),
                timestep_weights=experiment.build_timestep_weights(config),
                collapse_repeats=config.loss.collapse_repeats,
            ),
            out_shardings=replicated(mesh),
        )
        self._look = jax.jit(functools.partial(model.apply, all_timesteps=True))

    def run(self, state: TrainState, step: int, writer, progress) -> dict[str, float]:
        """Scores every validation set, tells and writes them; the mean over the sets."""
        scores = []
        for name, (source, _) in self._sources.items():
            sums = [self._step(state, put(batch, self._mesh)) for batch in self._batches(source)]
            scores.append(steps.compute(steps.merge(*sums)))
            progress.report(step, name, scores[-1])
            writer.scalars(step, name, scores[-1])
        if self._pictures and jax.process_index() == 0:
            writer.pictures(step, self._draw(state))
        common = set.intersection(*(set(s) for s in scores))
        return {k: float(np.mean([s[k] for s in scores])) for k in scores[0] if k in common}

    def judge(self, state: TrainState, results: dict[str, float]) -> tuple[TrainState, float]:
        """The state with its best score brought up to date, and the score (larger is better)."""
        if self._monitor not in results:
            raise UserError(
                f"the validation data give no {self._monitor} (they have {', '.join(results)}); "
                "set --config.train.monitor"
            )
        score = DIRECTION[self._monitor] * results[self._monitor]
        if score > float(state.best):
            # As arrays of all processes, like the rest of the state.
            state = state.replace(
                best=jax.device_put(np.asarray(score, state.best.dtype), state.best.sharding),
                best_step=jax.device_put(np.asarray(state.step), state.best_step.sharding),
            )
        return state, score

    def exhausted(self, state: TrainState, evaluate_every: int) -> bool:
        """Whether `patience` evaluations have passed since the best one."""
        evaluations = (int(state.step) - int(state.best_step)) // evaluate_every
        return bool(self._patience) and evaluations >= self._patience

    def _draw(self, state: TrainState) -> dict[str, np.ndarray]:
        """A picture per image: the image, its density, then map and attention of each timestep."""
        source, _ = next(iter(self._sources.values()))
        # Of one frame if there are several.
        batch = next(iter(self._batches(source)))
        images = batch["image"][: self._pictures]
        variables = jax.device_get(inference_variables(state))
        output = jax.device_get(self._look(variables, images))
        priors = [np.moveaxis(p, -1, 0) for p in output.priors]
        pictures = {
            f"image_{source.image_id(int(batch['index'][i]))}": panel(
                images[i], [batch["density"][i], *output.timestep_saliency[i], *output.attention[i]]
            )
            for i in range(len(images))
        }
        return pictures | {f"priors_{k}": panel(None, p) for k, p in enumerate(priors, 1) if len(p)}
