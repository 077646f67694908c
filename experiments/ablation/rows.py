"""The rows of an ablation's table, and the points whose scores each of them shows."""

from collections.abc import Sequence
from typing import NamedTuple

from experiments.ablation.grid import Setting
from experiments.ablation.points import Point

TIMESTEPS = "model.timesteps"
RETRAIN, READOUT = "retrain", "readout"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        mode: RETRAIN, a model of its own for this row; or READOUT, one model after fewer timesteps.
        label: The name of the row.
        setting: The config fields in which the row differs from the base.
        points: The points whose scores it shows, one for each seed.
        timestep: The number of timesteps after which the model is read; None for its last.
        x: Its place on the plot's axis, None if the rows have no numeric axis.
    """

    mode: str
    label: str
    setting: Setting
    points: list[Point]
    timestep: int | None
    x: float | None


def make_points(
    settings: dict[str, Setting],
    first_seed: int,
    seeds: int,
    readout: Sequence[int],
    retrain: bool,
) -> dict[str, list[Point]]:
    """Return the points that an ablation needs, a list with all seeds for each setting.

    Without `retrain` only the model with the most timesteps is needed, which is read after fewer.
    """
    points = {}
    # Only one model is read after fewer timesteps: the one that has seen the most.
    deepest = deepest_setting(settings)
    for label, setting in settings.items():
        if retrain or label == deepest:
            timesteps = tuple(readout) if label == deepest else ()
            points[label] = [Point(setting, first_seed + k, timesteps) for k in range(seeds)]
    return points


def make_rows(
    points: dict[str, list[Point]],
    settings: dict[str, Setting],
    readout: Sequence[int],
    retrain: bool,
) -> list[Row]:
    """Return a row for each setting, then one for each timestep of the model with the most."""
    rows = []
    if retrain:
        for label, setting in settings.items():
            x = axis_value(setting)
            rows.append(Row(RETRAIN, label, setting, points[label], timestep=None, x=x))
    deepest = deepest_setting(settings)
    for t in readout:
        # Its cost is that of a network with so many timesteps, which is what a user would run.
        setting = {**settings[deepest], TIMESTEPS: t}
        rows.append(Row(READOUT, f"T={t}", setting, points[deepest], timestep=t, x=t))
    return rows


def deepest_setting(settings: dict[str, Setting]) -> str:
    """Return the label of the setting with the most timesteps, the first of several."""
    return max(settings, key=lambda label: settings[label].get(TIMESTEPS, 0))


def axis_value(setting: Setting) -> float | None:
    """Return the value of a setting's only field, if it is a number: its place on the plot."""
    values = list(setting.values())
    # `isinstance` would take True and False for numbers.
    if len(values) == 1 and type(values[0]) in (int, float):
        return values[0]
    return None
