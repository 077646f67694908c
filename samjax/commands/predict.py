"""samjax predict: images and folders of images -> saliency maps at the images' own sizes."""

import argparse
from pathlib import Path

from samjax.errors import UserError

SUMMARY = "Predict saliency maps for images and folders of images, at the images' own sizes."
EXAMPLE = """\
  samjax predict --weights runs/demo --output saliency --overlay photos/ portrait.jpg

writes saliency/portrait.npy (float32 [height, width]) and saliency/portrait_overlay.jpg, and the
same for every image in photos/, sub-folders kept. Images that would share a name are told apart by
their ending (a_jpg, a_png). Maps of an earlier run are replaced; no input ever is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="images, or folders that are searched for images")
    add(
        "--weights",
        required=True,
        metavar="W",
        help="a work folder of a training run, a converted .safetensors, the original's .pkl, or "
        "the name of published weights, such as sam-resnet_salicon",
    )
    add("--output", default="saliency", metavar="DIR", help="folder for the maps (%(default)s)")
    add(
        "--format",
        default="npy",
        metavar="F",
        help="any of npy (float32; a density sums to 1), png16, png8 (the maximum at the top of "
        "the range, no exact zeros), with commas between (%(default)s)",
    )
    add("--overlay", action="store_true", help="also STEM_overlay.jpg: heat over the image")
    add("--heatmap", action="store_true", help="also STEM_heatmap.png: the map in colours")
    add(
        "--postprocess",
        default="none",
        choices=("none", "paper"),
        help="paper: the release's own resizing and blur (%(default)s)",
    )
    add("--offline", action="store_true", help="never download weights, use the cache only")
    add("--timesteps", type=_positive, metavar="N", help="refinement steps (those of training)")
    add(
        "--all-timesteps",
        action="store_true",
        help="the map after every refinement step, STEM_t1.npy and so on, from a single pass",
    )
    add("--batch-size", type=_positive, default=8, metavar="N", help="images at once (%(default)s)")


def run(args: argparse.Namespace) -> int:
    from samjax.console.log import log
    from samjax.console.progress import ProgressBar
    from samjax.prediction.outputs import find_photos

    kinds = output_kinds(args.format, args.heatmap, args.overlay)
    photos = find_photos(args.paths, Path(args.output))
    log(f"loading {args.weights}")
    from samjax.prediction.predict import predict_paths
    from samjax.prediction.predictor import load_model

    model = load_model(args.weights, offline=args.offline)
    log("compiling for the first batch, then predicting")
    with ProgressBar("predicting", len(photos)) as tally:
        result = predict_paths(
            model,
            args.paths,
            args.output,
            kinds=kinds,
            postprocess=args.postprocess,
            timesteps=args.timesteps,
            all_timesteps=args.all_timesteps,
            batch_size=min(args.batch_size, len(photos)),
            on_done=lambda photo: tally.done(),
        )
    for path in result.written:
        print(path)
    for photo, reason in result.failed:
        log(f"samjax predict: {photo}: {reason}")
    images = len(photos) - len(result.failed)
    log(f"{len(result.written)} files for {images} of {len(photos)} images")
    return 1 if result.failed else 0


def output_kinds(formats: str, heatmap: bool, overlay: bool) -> tuple[str, ...]:
    """The kinds of files to write, each once; UserError names an unknown format."""
    from samjax.prediction.outputs import FORMATS

    kinds = [name.strip() for name in formats.split(",") if name.strip()]
    unknown = [name for name in kinds if name not in FORMATS]
    if unknown or not kinds:
        raise UserError(f"--format={formats}: use any of {','.join(FORMATS)}")
    return tuple(dict.fromkeys(kinds + ["heatmap"] * heatmap + ["overlay"] * overlay))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive; give 1 or more")
    return value
