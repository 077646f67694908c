"""`samjax areas` on videos, animated pictures and folders of frames."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.commands.area_options import read_for
from samjax.commands.predict_clips import clip_names, tell_problems
from samjax.commands.video_options import options_of, refuse, tell_about
from samjax.errors import UserError, one_line

if TYPE_CHECKING:  # they take NumPy and JAX, which are imported only where they are needed
    from samjax.analysis.area import Area
    from samjax.prediction.predictor import Predictor
    from samjax.video.area_course import Course, CourseFile
    from samjax.video.measure import MeasuredVideo
    from samjax.video.options import VideoOptions


def measure_clips(args: argparse.Namespace, clips: list[Path], others: list[str]) -> int:
    """Measure the areas of all clips, print a table for each, and write the files.

    Returns:
        0, or 1 where a clip failed or was not whole; the others are measured then, too.

    Raises:
        UserError: An option is not possible for clips, or the areas or weights cannot be read.
    """
    from samjax.analysis.area import grid
    from samjax.console.log import log

    _check(args, clips, others)
    options = options_of(args)
    areas = grid(*args.grid) if args.grid else []
    if args.areas:
        areas, without = read_for(clips, args.areas)
        for path in without:
            log(f"{args.areas} has no area for {path}; it is left out")
        clips = [path for path in clips if path not in without]
    tell_about(options)
    # Imported only now: JAX takes a while, and a wrong file should be told at once.
    from samjax.files.atomic import atomic
    from samjax.prediction.predictor import load_model
    from samjax.video.area_course import CourseFile

    model = load_model(args.weights, offline=args.offline)
    with ExitStack() as stack:
        course_file = None
        if args.csv:
            Path(args.csv).parent.mkdir(parents=True, exist_ok=True)
            partial = stack.enter_context(atomic(args.csv))
            file = stack.enter_context(partial.open("w", newline="", encoding="utf-8"))
            course_file = CourseFile(file)
        results = [
            _measure_or_tell(model, path, name, areas, options, args, course_file)
            for path, name in clip_names(clips, Path(args.output)).items()
        ]
    if args.csv:
        print(args.csv)
    return 0 if all(results) else 1


def _check(args: argparse.Namespace, clips: list[Path], others: list[str]) -> None:
    """Raise UserError where clips cannot be measured as the arguments say."""
    if others:
        raise UserError(
            f"{clips[0]} moves and {others[0]} does not; measure videos and photographs in two "
            "runs, because their tables differ"
        )
    refuse(
        args,
        {
            "auto": "the strongest regions differ from frame to frame; give --grid or --areas",
            "timesteps": "the shares are those after the model's last timestep",
            "json": "a film would be one huge value; give --csv",
        },
    )
    if args.fixations is not None:
        raise UserError(
            f"--fixations={args.fixations} is not for videos: a frame is shown too briefly for "
            "several fixations; leave it out"
        )


def _measure_or_tell(
    model: Predictor,
    path: Path,
    name: str,
    areas: list[Area],
    options: VideoOptions,
    args: argparse.Namespace,
    course_file: CourseFile | None,
) -> bool:
    """Measure a clip; return whether all of it could be read, and tell what could not."""
    from samjax.console.log import log

    drawing = Path(args.output) / f"{name}_areas" if args.draw else None
    try:
        problems = _measure(model, path, areas, options, drawing, course_file)
    except (UserError, OSError, MemoryError) as error:
        log(f"samjax areas: {path}: {one_line(error).removeprefix(f'{path}: ')}")
        return False
    tell_problems("areas", path, problems)
    return not problems


def _measure(
    model: Predictor,
    path: Path,
    areas: list[Area],
    options: VideoOptions,
    drawing: Path | None,
    course_file: CourseFile | None,
) -> list[str]:
    """Measure a clip, print its table, and write what was asked for.

    Args:
        model: The network.
        path: Of the clip.
        areas: Of all clips.
        options: How it is looked at.
        drawing: The moving picture with outlines, without its ending; None for none.
        course_file: Gets the rows.

    Returns:
        Sentences about what could not be read.
    """
    from samjax.analysis.matching import areas_of
    from samjax.console.log import log
    from samjax.video.area_course import Course
    from samjax.video.measure import measure_video
    from samjax.video.writing import ending_for

    measured = measure_video(
        model, path, areas_of(areas, path), options=options, keeps_pixels=drawing is not None
    )
    for note in measured.notes:
        log(f"{path}: {note}")
    course = Course(path, [area.name for area, _ in measured.areas])
    if drawing is not None:
        drawing = drawing.with_name(drawing.name + ending_for(measured.clip))
    _take_frames(path, measured, course, drawing, course_file)
    print(course.table())
    if drawing is not None:
        print(drawing)
    return measured.problems


def _take_frames(
    path: Path,
    measured: MeasuredVideo,
    course: Course,
    drawing: Path | None,
    course_file: CourseFile | None,
) -> None:
    """Give every frame of a clip to its course, to the drawing and to the file of rows.

    Raises:
        UserError: No frame can be read.
    """
    from samjax.console.progress import ProgressBar
    from samjax.video.measure import draw_frame
    from samjax.video.writing import frame_writer

    clip = measured.clip
    with ExitStack() as stack:
        writer = stack.enter_context(frame_writer(drawing, clip.rate)) if drawing else None
        stack.callback(measured.frames.close)
        progress = stack.enter_context(
            ProgressBar(f"measuring {path.name}", clip.total, unit="frames")
        )
        for found in measured.frames:
            course.add(found)
            if course_file is not None:
                course_file.write(measured, found)
            if writer is not None:
                writer.write(draw_frame(measured, found), found.frame.time, found.frame.duration)
            progress.done()
        if not course.frames:  # within, so that no empty drawing is written
            raise UserError(f"{path}: no frame can be read ({'; '.join(measured.problems)})")
