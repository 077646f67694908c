"""Predicted against measured shares of attention: is what `samjax areas` says true?

    python -m experiments.areas_against_eyes --dataset=osie --split=validation --images=100

For each image, the shares of the cells of a grid are predicted, and compared with the shares of
fixations that fell into them: by the rank correlation over the cells and by the mean absolute
error. Beside the model stand the center bias, fitted to the training split, and people: the shares
of half of the subjects against those of the other half.
"""

from absl import flags

from experiments.area_agreement import CENTER, MODEL, Density, compare, summary
from experiments.launch import launch
from samjax.console.progress import track
from samjax.console.table import format_table
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source, open_dataset
from samjax.evaluation.center_bias import fit_center_bias
from samjax.files.json_file import write_json
from samjax.prediction.predictor import load_model

_DATASET = flags.DEFINE_string("dataset", "osie", "A prepared dataset.")
_SPLIT = flags.DEFINE_string("split", "validation", "Whose images are predicted.")
_BASELINE_SPLIT = flags.DEFINE_string("baseline_split", "train", "Of the center bias.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where prepared datasets are.")
_WEIGHTS = flags.DEFINE_string("weights", None, "The bundled model if not set.")
_IMAGES = flags.DEFINE_integer("images", 100, "How many images, from the first on.", lower_bound=2)
_CELLS = flags.DEFINE_integer("cells", 4, "Rows and columns of the grid.", lower_bound=2)
_OUTPUT = flags.DEFINE_string("output", None, "A JSON file for the numbers.")


def run() -> None:
    """Run the program with the values of its flags."""
    dataset = open_dataset(_DATASET.value, _DATA_DIR.value)
    source, others = Source(dataset, _SPLIT.value), Source(dataset, _BASELINE_SPLIT.value)
    model = load_model(_WEIGHTS.value)
    center = fit_center_bias(others[i] for i in track(range(len(others)), len(others), "fitting"))
    densities: dict[str, Density] = {
        MODEL: lambda example: model(decode_stimulus(example.image)).density,
        CENTER: lambda example: center.draw(example.height, example.width),
    }
    count = min(_IMAGES.value, len(source))
    examples = (source[i] for i in track(range(count), count, "predicting"))
    rows = summary(compare(examples, densities, _CELLS.value))
    table = [["", *next(iter(rows.values()))]]
    for name, cells in rows.items():
        texts = (f"{c['mean']:.3f} [{c['low']:.3f}, {c['high']:.3f}]" for c in cells.values())
        table.append([name, *texts])
    print(format_table(table))
    if _OUTPUT.value:
        about = {"dataset": dataset.name, "split": source.title, "images": count}
        write_json(_OUTPUT.value, about | {"cells": _CELLS.value, "rows": rows})


if __name__ == "__main__":
    launch(run)
