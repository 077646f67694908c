"""samjax as the benchmark runs it: prediction and the training step of `samjax.training.steps`."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from experiments.bench.case import NetworkCase, random_batch, random_images, samjax_model
from samjax.models.backend import is_cpu, resolve
from samjax.models.output import SAMOutput
from samjax.models.precompute import precompute
from samjax.prediction.executables import SMALL, cpu_options
from samjax.prediction.pieces import images_at_once, run_each
from samjax.training import losses, steps
from samjax.training.optimizer import make_optimizer, make_schedule
from samjax.training.state import TrainState, create_state

LEARNING_RATE = 1e-4

Outputs = dict[str, jax.Array]


class Program:
    """A program without arguments, compiled in its first call.

    Attributes:
        function: The compiled function, not yet compiled.
        arguments: Its arguments.
        at_once: How many calls of the compiled function are under way at the same time.
    """

    at_once = 1

    def __init__(self, function: Any, arguments: tuple, outputs: Callable[[Any], Outputs]) -> None:
        """Keep what to run.

        Args:
            function: What `jax.jit` gave.
            arguments: Its arguments.
            outputs: Gives what the program returns, of the function's result.
        """
        self.function, self.arguments, self._outputs = function, arguments, outputs

    @cached_property
    def compiled(self) -> jax.stages.Compiled:
        """The function as compiled for its arguments, which tells costs and memory, too."""
        return self.function.lower(*self.arguments).compile()

    def __call__(self) -> Outputs:
        """Return the program's outputs."""
        return self._outputs(self.compiled(*self.arguments))


class Prediction(Program):
    """A prediction for variables and images, as samjax makes it on this machine.

    Attributes:
        at_once: How many images are under way at the same time on a CPU, each by itself; elsewhere
            a batch is one piece, and this is 1.
    """

    def __init__(self, function: Any, arguments: tuple, case: NetworkCase, parameters: int) -> None:
        """Keep what to run, and how samjax would run a network of so many parameters."""
        super().__init__(function, arguments, _maps)
        self._each, self._options, self.at_once = is_cpu(resolve()), {}, 1
        if self._each:
            self._options = cpu_options() if parameters <= SMALL else {}
            self.at_once = min(case.at_once or images_at_once(parameters), case.batch)

    @cached_property
    def compiled(self) -> jax.stages.Compiled:
        """The function as compiled for the images that it takes."""
        variables, images = self.arguments
        lowered = self.function.lower(variables, images[:1] if self._each else images)
        return lowered.compile(compiler_options=self._options)

    def __call__(self) -> Outputs:
        """Return the saliency and the attention."""
        variables, images = self.arguments
        program = partial(self.compiled, variables)
        return _maps(run_each(program, images, self.at_once) if self._each else program(images))


def _maps(output: SAMOutput) -> Outputs:
    return {"saliency": output.saliency, "attention": output.attention}


def predict(case: NetworkCase, variables: dict) -> Prediction:
    """Return the program of a prediction, which gives saliency and attention.

    On a CPU it is compiled with the options of `samjax predict`, and as many images are under way.
    """
    model = samjax_model(case)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))
    variables = jax.device_put(precompute(model, variables, case.input_size))
    images = jax.device_put(random_images(case))
    # As a list of arrays: what is compiled ahead must not look into the precomputed objects.
    arrays, tree = jax.tree.flatten(variables)

    def forward(arrays: list[jax.Array], images: jax.Array) -> Any:
        return model.apply(jax.tree.unflatten(tree, arrays), images)

    return Prediction(jax.jit(forward), (arrays, images), case, parameters)


def train_step(case: NetworkCase, variables: dict) -> Program:
    """Return the program of a training step; each call is one more step and gives its loss."""
    batch = jax.device_put(random_batch(case))

    def advance(result: tuple[TrainState, Any]) -> Outputs:
        state, metrics = jax.block_until_ready(result)
        program.arguments = (state, batch)
        return {"loss": metrics.loss.total / metrics.loss.count}

    program = Program(compiled_step(case), (initial_state(case, variables), batch), advance)
    return program


def compiled_step(case: NetworkCase) -> Callable:
    """Return the compiled training step with the paper's loss and optimiser."""
    step = partial(
        steps.train_step,
        key=jax.random.key(0),
        model=samjax_model(case),
        tx=_optimizer(),
        loss=losses.LossOptions(collapse_repeats=True),
        ema_decay=0.0,
    )
    return jax.jit(step, donate_argnums=0)


def initial_state(case: NetworkCase, variables: dict) -> TrainState:
    """Return a state before the first step, with these variables."""
    # The state's own initialisation is not run, because its values are replaced all the same.
    model, key = samjax_model(case), jax.random.key(0)
    shapes = jax.eval_shape(
        lambda: create_state(model, _optimizer(), key, case.input_size, keep_ema=False)
    )
    state = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    stats = variables.get("batch_stats", {})
    learned = jax.device_put({"params": variables["params"], "batch_stats": stats})
    # Copied, because the step gives its state's memory away and the variables serve others too.
    return state.replace(**jax.tree.map(jnp.copy, learned))


def _optimizer() -> optax.GradientTransformation:
    return make_optimizer("rmsprop", make_schedule("constant", LEARNING_RATE, 1))
