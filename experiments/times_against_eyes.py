r"""A model with viewing times against where people had looked by then, beside a model without.

    python -m experiments.times_against_eyes --weights=runs/box_times --datasets=osie,eyecrowd

For each dataset and each time that the model was trained with, the map of its timestep and the one
map of the other model are scored against the fixations that begin by that time, at the images' own
sizes. The difference is that of the images' scores, with an interval over images.
"""

from absl import flags

from experiments.launch import launch
from experiments.viewing_times import DIFFERENCE, METRICS, OTHER, TIMED, compare
from samjax.console.table import format_table
from samjax.data.sources import open_dataset
from samjax.files.json_file import write_json
from samjax.prediction.predictor import load_model

_WEIGHTS = flags.DEFINE_string("weights", None, "The model with viewing times.", required=True)
_AGAINST = flags.DEFINE_string("against", None, "The model without; the bundled one if not set.")
_DATASETS = flags.DEFINE_list("datasets", ["osie"], "Prepared datasets with durations.")
_SPLIT = flags.DEFINE_string("split", "validation", "Whose images are predicted.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where prepared datasets are.")
_OUTPUT = flags.DEFINE_string("output", None, "A JSON file for the numbers.")


def run() -> None:
    """Run the program with the values of its flags."""
    datasets = [open_dataset(name, _DATA_DIR.value) for name in _DATASETS.value]
    timed, other = load_model(_WEIGHTS.value), load_model(_AGAINST.value)
    records = []
    table = [["dataset", "by", "model", *METRICS]]
    for dataset in datasets:
        for record in compare(timed, other, dataset, _SPLIT.value):
            records.append(record)
            for model in (TIMED, OTHER, DIFFERENCE):
                scores = (
                    f"{s['mean']:.3f} [{s['low']:.3f}, {s['high']:.3f}]"
                    for s in record[model].values()
                )
                table.append([dataset.name, f"{record['viewing_time_ms']:g} ms", model, *scores])
    print(format_table(table))
    if _OUTPUT.value:
        about = {"with_times": timed.origin, "without_times": other.origin}
        write_json(_OUTPUT.value, about | {"split": _SPLIT.value, "rows": records})


if __name__ == "__main__":
    launch(run)
