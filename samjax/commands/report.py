"""`samjax report`: a work folder as one page to look at."""

import argparse
from pathlib import Path

SUMMARY = "Write one self-contained HTML page about a trained model or an ablation."
EXAMPLE = """  samjax report runs/osie_small
  samjax report runs/timesteps --dataset osie --split validation --images 50

DIR is a work folder of training, or of experiments.timesteps or experiments.sweep. The page,
DIR/report/index.html, needs no network and no server."""


def add_arguments(parser: argparse.ArgumentParser):
    add = parser.add_argument
    add("dir", metavar="DIR", help="work folder")
    add("--dataset", help="of the gallery (default: the config's validation)")
    add("--split", help="of the gallery (default: the config's)")
    add("--images", type=int, default=100, metavar="N", help="in the gallery (%(default)s)")
    add("--data-dir", metavar="D", help="where prepared datasets are")


def run(args: argparse.Namespace) -> int:
    from samjax.errors import UserError
    from samjax.report.data import collect
    from samjax.report.page import write_report

    if args.images < 1:
        raise UserError(f"--images={args.images}: show at least one")
    workdir = Path(args.dir)
    options = {"dataset": args.dataset, "split": args.split, "data_dir": args.data_dir}
    path = write_report(workdir, collect(workdir, images=args.images, **options))
    print(f"{path} ({path.stat().st_size / 2**20:.1f} MiB)")
    return 0
