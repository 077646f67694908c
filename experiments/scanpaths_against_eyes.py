r"""How plausible are the scanpaths that samjax draws, beside people among themselves?

    python -m experiments.scanpaths_against_eyes --workdir=runs/scanpaths

For each person on an image, a sequence of as many fixations is drawn, and compared with those of
all other people by ScanMatch; people are compared with each other in the same way. Each image
counts alike; the intervals are bootstrapped over images, differences paired.
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
from absl import flags

from experiments.launch import launch
from experiments.scanmatch import cells_of, similarities
from experiments.split_densities import densities
from samjax.analysis.scanpath import RULE, Rule, scanpaths
from samjax.console.table import format_table
from samjax.data.example import Example
from samjax.data.sources import Source, open_dataset
from samjax.evaluation.baseline_maps import BaselineMaps
from samjax.evaluation.intervals import Estimate, interval, paired_difference
from samjax.files.json_file import write_json

_DATASET = flags.DEFINE_string("dataset", "osie", "A prepared dataset with subjects and order.")
_SPLIT = flags.DEFINE_string("split", "validation", "Its split.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where prepared datasets are.")
_WEIGHTS = flags.DEFINE_string("weights", None, "As of samjax predict; the bundled model if unset.")
_WORKDIR = flags.DEFINE_string("workdir", "runs/scanpaths", "Folder for densities and results.")

PEOPLE, OURS = "people among themselves", "samjax"
NOWHERE = 1e9  # a floor beside which nearness counts for nothing
RULES = {
    OURS: RULE,
    "samjax, no inhibition": RULE._replace(strength=0.0),
    "samjax, no nearness": RULE._replace(floor=NOWHERE),
    "samjax, independent draws": RULE._replace(strength=0.0, floor=NOWHERE),
}


def sequences_of(example: Example) -> list[np.ndarray]:
    """Return the cells of each person's fixations in their order, of at least two."""
    found = []
    for person in np.unique(example.subject):
        mine = example.subject == person
        points = example.points[mine][np.argsort(example.order[mine])]
        if len(points) > 1:
            found.append(cells_of(points, example.height, example.width))
    return found


def drawn(density: np.ndarray, people: list[np.ndarray], seed: int, rule: Rule) -> list[np.ndarray]:
    """Return a sequence of cells for each person, as long as the person's."""
    points = scanpaths(density, max(map(len, people)), len(people), seed=seed, rule=rule)
    cells = cells_of(points, *density.shape)
    return [sequence[: len(person)] for sequence, person in zip(cells, people, strict=True)]


def score(ours: list[np.ndarray], people: list[np.ndarray]) -> float:
    """Return how alike sequences are to those of all people but the one with the same number."""
    pairs = [(i, j) for i in range(len(ours)) for j in range(len(people)) if i != j]
    return float(similarities([ours[i] for i, _ in pairs], [people[j] for _, j in pairs]).mean())


def compare(
    name: str, split: str, data_dir: str | None, weights: str | None, workdir: Path
) -> dict[str, list[float]]:
    """Return the score of each method on each image."""
    biases = BaselineMaps(Source(open_dataset(name, data_dir), split), "train")
    assert biases.center_bias is not None, "the dataset has a split train"
    scores: dict[str, list[float]] = defaultdict(list)
    examples = list(densities(name, split, data_dir, weights, workdir))
    everyone = [sequences_of(example) for example, _ in examples]
    for i, (people, (_, density)) in enumerate(zip(everyone, examples, strict=True)):
        scores[PEOPLE].append(score(people, people))
        for method, rule in RULES.items():
            scores[method].append(score(drawn(density, people, i, rule), people))
        bias = biases.center_bias.draw(*density.shape)
        scores["center bias, same rule"].append(score(drawn(bias, people, i, RULE), people))
        flat = np.ones_like(density)
        scores["flat map, same rule"].append(score(drawn(flat, people, i, RULE), people))
        scores["people on another image"].append(score(everyone[i - 1], people))
    return scores


def run() -> None:
    """Run the program with the values of its flags."""
    workdir = Path(_WORKDIR.value)
    scores = compare(_DATASET.value, _SPLIT.value, _DATA_DIR.value, _WEIGHTS.value, workdir)
    rows = [["sequences", "ScanMatch", "samjax minus it"]]
    result = {}
    for method, values in scores.items():
        more = paired_difference(scores[OURS], values)
        rows.append([method, _text(interval(values)), "" if method == OURS else _text(more)])
        result[method] = {"score": interval(values)._asdict(), "samjax_minus_it": more._asdict()}
    print(format_table(rows))
    print(f"{len(scores[OURS])} images; wrote {write_json(workdir / 'scanpaths.json', result)}")


def _text(estimate: Estimate) -> str:
    return f"{estimate.mean:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


if __name__ == "__main__":
    launch(run)
