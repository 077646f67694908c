r"""How much of what people look at do crops keep, and how much do other croppers?

    python -m experiments.crops_against_eyes --datasets=osie,eyecrowd,scene --workdir=runs/crops

Windows of three ratios, the largest and half of its area, are cut out of the images of a split
that the model was not trained on, and judged by the share of the fixations in them. Each image
counts alike; the intervals are bootstrapped over images, differences paired.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from experiments.croppers import Picture, croppers, kept, size_of
from experiments.launch import launch
from experiments.split_densities import densities
from samjax.console.table import format_table
from samjax.data.example import Example
from samjax.data.geometry import to_grid
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source, open_dataset
from samjax.evaluation.baseline_maps import BaselineMaps
from samjax.evaluation.intervals import interval, paired_difference
from samjax.files.json_file import write_json
from samjax.metrics.ground_truth import count_map

_DATASETS = flags.DEFINE_list("datasets", "osie,eyecrowd,scene", "Prepared datasets.")
_SPLIT = flags.DEFINE_string("split", "validation", "Their split.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where prepared datasets are.")
_WEIGHTS = flags.DEFINE_string("weights", None, "As of samjax predict; the bundled model if unset.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/crops", "Folder for densities and crops.json.")

RATIOS = ("1:1", "16:9", "9:16")
AREAS = {"largest": 1.0, "half its area": 0.5}

Shares = dict[tuple[str, str], list[float]]
"""{(kind of window, cropper): share of the fixations in it, per image}"""


def judge(example: Example, density: np.ndarray, bias: np.ndarray) -> Shares:
    """Return the share that each cropper keeps of one image's fixations."""
    # The stored image may be smaller than the stimulus that people saw.
    points = to_grid(example.points, (example.height, example.width), density.shape)
    counts = count_map(points, *density.shape)
    picture = Picture(decode_stimulus(example.image), density, bias, counts)
    shares: Shares = {}
    for ratio in RATIOS:
        for name, area in AREAS.items():
            size = size_of(ratio, area, *counts.shape)
            for method, cut in croppers().items():
                shares[f"{ratio}, {name}", method] = [kept(counts, cut(picture, *size))]
    return shares


def compare(
    datasets: list[str], split: str, data_dir: str | None, weights: str | None, workdir: Path
) -> dict[str, Shares]:
    """Return what each cropper keeps of each image, per dataset."""
    found: dict[str, Shares] = {}
    for name in datasets:
        biases = BaselineMaps(Source(open_dataset(name, data_dir), split), "train")
        assert biases.center_bias is not None, "the datasets have a split train"
        found[name] = defaultdict(list)
        for example, density in densities(name, split, data_dir, weights, workdir):
            bias = biases.center_bias.draw(*density.shape)
            for key, shares in judge(example, density, bias).items():
                found[name][key] += shares
        print(f"{name}: {len(next(iter(found[name].values())))} images", flush=True)
    return found


def summary(found: dict[str, Shares]) -> dict[str, Any]:
    """Return means and differences with intervals, per dataset and over all images."""
    pooled: Shares = defaultdict(list)
    for shares in found.values():
        for key, values in shares.items():
            pooled[key] += values
    result: dict[str, Any] = {}
    for name, shares in {**found, "all": pooled}.items():
        result[name] = {}
        for kind, method in shares:
            ours = shares[kind, "samjax"]
            result[name].setdefault(kind, {})[method] = {
                "share": interval(shares[kind, method])._asdict(),
                "samjax_minus_it": paired_difference(ours, shares[kind, method])._asdict(),
            }
    return result


def table(result: dict[str, Any]) -> str:
    """Return the shares of each cropper, and below them what samjax keeps more, in percent."""
    kinds = list(result)
    rows = [["kept, %", *kinds]]
    for method in result[kinds[0]]:
        shares = [result[kind][method]["share"] for kind in kinds]
        rows.append([method, *(f"{100 * s['mean']:.1f}" for s in shares)])
    rows.append(["samjax keeps more than", *("" for _ in kinds)])
    for method in result[kinds[0]]:
        if method != "samjax":
            more = [result[kind][method]["samjax_minus_it"] for kind in kinds]
            texts = (
                f"{100 * m['mean']:+.1f} [{100 * m['low']:+.1f}, {100 * m['high']:+.1f}]"
                for m in more
            )
            rows.append([method, *texts])
    return format_table(rows)


def run() -> None:
    """Run the program with the values of its flags."""
    workdir = Path(_WORKDIR.value)
    found = compare(_DATASETS.value, _SPLIT.value, _DATA_DIR.value, _WEIGHTS.value, workdir)
    result = summary(found)
    for name, of_dataset in result.items():
        print(f"\n{name}\n{table(of_dataset)}")
    print(f"\nwrote {write_json(workdir / 'crops.json', result)}")


if __name__ == "__main__":
    launch(run)
