"""How much attention areas get over the time of a clip."""

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.area_measuring import MeasuredPicture, draw_areas
from samjax.analysis.area_problems import problems as area_problems
from samjax.analysis.area_report import percent
from samjax.analysis.attention import AreaAttention, CoveredArea, attention_in, cover_areas
from samjax.console.table import format_table
from samjax.prediction.predictor import Predictor
from samjax.video.clip import open_clip
from samjax.video.frame import Clip, Frame
from samjax.video.mapped import mapped_frames
from samjax.video.options import VideoOptions
