"""Measure the bundled model from the shell: starts, stages, and a folder of large photographs.

python -m experiments.shell_speed --photographs=1000 --output=runs/shell

Each figure is written to OUTPUT/shell.json as soon as it is there. Photographs, 60 different ones
of 12 megapixels, are made in OUTPUT/photographs and kept for the next time.
"""

import sys
from pathlib import Path
from typing import Any

from absl import app, flags

from experiments.shell.commands import measure_folder, measure_start
from experiments.shell.photographs import make_photographs
from experiments.shell.stages import measure_stages
from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.json_file import write_json
from samjax.prediction.speed import machine

FLAGS = flags.FLAGS
flags.DEFINE_integer("photographs", 1000, "Photographs in the folder.", lower_bound=1)
flags.DEFINE_integer("repeats", 5, "Starts of which the median is taken.", lower_bound=1)
flags.DEFINE_integer("staged", 12, "Photographs whose stages are measured.", lower_bound=1)
flags.DEFINE_string("output", "runs/shell", "Folder for photographs and results.")
flags.DEFINE_list("only", ["start", "stages", "folder"], "What to measure.")

FOLDERS = {
    "png8": ["--format", "png8"],
    "overlay": ["--format", "png8", "--overlay"],
    "npy": [],
}


def main(argv: list[str]) -> None:
    """Measure, and write every figure when it is there."""
    unknown = set(FLAGS.only) - {"start", "stages", "folder"}
    if unknown:
        raise UserError(f"--only={','.join(sorted(unknown))}: use any of start,stages,folder")
    output = Path(FLAGS.output)
    photographs = make_photographs(output / "photographs", FLAGS.photographs)
    results: dict[str, Any] = {"machine": machine()}

    def keep(name: str, value: Any) -> None:
        results[name] = value
        write_json(output / "shell.json", results)
        log(f"{name}: {value}")

    first = str(min(photographs.iterdir()))
    commands = {
        "predict": ["predict", first, "--output", str(output / "one"), "--format", "png8"],
        "areas": ["areas", first, "--grid", "3x3"],
    }
    if "start" in FLAGS.only:
        for name, arguments in commands.items():
            for warm in (True, False):
                value = measure_start(arguments, warm=warm, repeats=FLAGS.repeats)
                keep(f"{name}, {'warm' if warm else 'cold'}", value)
    if "stages" in FLAGS.only:
        keep("stages", measure_stages(sorted(photographs.iterdir())[: FLAGS.staged]))
    if "folder" in FLAGS.only:
        for name, options in FOLDERS.items():
            keep(f"folder, {name}", measure_folder(photographs, output / "maps", options))


if __name__ == "__main__":
    try:
        app.run(main)
    except UserError as error:
        sys.exit(f"experiments.shell_speed: {error}")
