"""`samjax report`: write a work folder as one page to look at."""

import argparse

SUMMARY = "Write one self-contained HTML page about a trained model or an ablation."
EXAMPLE = """  samjax report runs/osie_small
  samjax report runs/timesteps --dataset osie --split validation --images 50

DIR is a work folder of training, or of experiments.timesteps or experiments.sweep. The page,
DIR/report/index.html, needs no network and no server."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("dir", metavar="DIR", help="a work folder, or the address of one")
    add("--dataset", help="dataset of the gallery (default: the config's validation)")
    add("--split", help="split of the gallery (default: the config's)")
    add(
        "--images", type=int, default=100, metavar="N", help="how many in the gallery (%(default)s)"
    )
    add("--data-dir", metavar="D", help="the folder of the prepared datasets")


def run(args: argparse.Namespace) -> int:
    """Write the page, and print its path and size.

    Returns:
        0, or 1 where a file or an image could not be used; the page shows the others.

    Raises:
        UserError: DIR is no work folder, or the dataset that was asked for is not there.
    """
    from samjax.console.log import log
    from samjax.errors import UserError
    from samjax.files.address import is_address
    from samjax.report.data import collect
    from samjax.report.page import write_report
    from samjax.training.work_folder import opened

    if args.images < 1:
        raise UserError(f"--images={args.images}: show at least one")
    options = {"dataset": args.dataset, "split": args.split, "data_dir": args.data_dir}
    with opened(args.dir) as workdir:
        report = collect(workdir, images=args.images, **options)
        path = write_report(workdir, report)
        size = path.stat().st_size / 2**20
    shown = f"{args.dir.rstrip('/')}/{path.relative_to(workdir)}" if is_address(args.dir) else path
    print(f"{shown} ({size:.1f} MiB)")
    for line in report.failed:
        log(f"samjax report: {line}")
    return 1 if report.failed else 0
