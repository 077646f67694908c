"""An experiment: all that a run needs, as one struct that is built once and handed down."""

from dataclasses import dataclass
from typing import NamedTuple

import optax
from jax.sharding import Mesh
from ml_collections import ConfigDict

from samjax.data.canvas import Canvas
from samjax.data.mixture import WeightedSource
from samjax.data.transforms import Augment
from samjax.models import SAM
from samjax.training.losses import LossOptions


class Plan(NamedTuple):
    """The length of a run, in optimiser steps."""

    steps: int
    steps_per_epoch: float  # below 1 where a batch is larger than the data
    evaluate_every: int


class Loading(NamedTuple):
    """How batches are made."""

    batch_size: int  # images over all devices and processes
    local_batch_size: int  # of which this process loads
    threads: int
    workers: int
    reduced_decoding: bool
    cache_mib: float


class FeatureCache(NamedTuple):
    """Whether and how the features of a frozen backbone are kept on disk."""

    enabled: bool
    dtype: str  # that they are stored in
    gib: float  # of the disk that all features in the folder may take
    folder: str  # "": beside the run's own


class Start(NamedTuple):
    """What the parameters are before the first step; "" stands for random values."""

    network: str  # a whole network: a work folder, a published name or a file
    backbone: str  # a backbone: a published name or a file
    offline: bool  # never download, use the cache only


class Distillation(NamedTuple):
    """What is learnt from another network's maps."""

    teachers: tuple[str, ...] = ()  # a work folder, a published name or a file each; (): none
    mix: float = 0.0  # fraction of images that are blended with another one of the batch


class Selecting(NamedTuple):
    """Which validation score picks the best checkpoint, and when to stop without a better one."""

    monitor: str
    patience: int  # evaluations; 0 never stops


class Reporting(NamedTuple):
    """How often a run shows and saves what it does."""

    log_every: int  # steps
    checkpoint_every: int  # steps
    keep: int  # latest checkpoints, beside the best one
    pictures: int  # validation images drawn at each evaluation


@dataclass(frozen=True)
class Experiment:
    """All that a run needs, built once from `config`, which is kept only to be written down."""

    config: ConfigDict
    mesh: Mesh
    model: SAM
    canvases: tuple[Canvas, ...]
    training: tuple[WeightedSource, ...]
    validation: tuple[WeightedSource, ...]
    plan: Plan
    tx: optax.GradientTransformation
    loss: LossOptions
    augment: Augment
    loading: Loading
    start: Start
    distillation: Distillation
    selecting: Selecting
    reporting: Reporting
    feature_cache: FeatureCache
    frozen: tuple[str, ...]  # parts of the network that do not learn
    seed: int
    ema_decay: float  # of the parameters' moving average, per step; 0: none is kept
    shard_optimizer: bool

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's first canvas, in pixels."""
        return self.canvases[0].input
