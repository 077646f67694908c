"""What a prepared dataset holds, in lines of text: by split, beside the published numbers."""

from collections.abc import Iterator

from samjax.data.dataset import Dataset
from samjax.data.prepare.report import REPORT, SAME_PICTURE, read_report
from samjax.data.sources import Source


def split_lines(dataset: Dataset) -> Iterator[str]:
    """Yield 'NAME SPLIT: N images, F fixations, S subjects', and whether that is as published."""
    reports = read_report(dataset).get("splits", {})
    for split in dataset.splits:
        report = reports.get(split) or _count(Source(dataset, split))
        yield (
            f"{dataset.name} {split}: {report['images']} images, {report['fixations']} fixations, "
            f"{report['subjects']} subjects{_compare(report)}"
        )
    for split, report in reports.items():
        if split not in dataset.splits:  # none of its images could be used
            yield f"{dataset.name} {split}: 0 images{_compare(report)}"


def left_out_lines(dataset: Dataset) -> Iterator[str]:
    """Yield a line for what was left out of the dataset, and one for warnings about its files."""
    report = read_report(dataset)
    for what, kinds in (("left out", "faults"), ("odd", "oddities")):
        if counts := report.get(kinds):
            listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            yield f"{what}: {listed}; listed in {dataset.directory / REPORT}"


def warning_lines(dataset: Dataset) -> Iterator[str]:
    """Yield a line for each split without any truth, and one for pictures in several splits."""
    report = read_report(dataset)
    for split, counts in report.get("splits", {}).items():
        # Reports of former versions do not count the maps.
        if counts["images"] and not counts["fixations"] and counts.get("densities") == 0:
            yield (
                f"warning: no image of {dataset.name} {split} has fixations or a map, so it cannot "
                "be trained on or scored with"
            )
    if several := report.get("oddities", {}).get(SAME_PICTURE):
        yield (
            f"warning: {several} pictures of {dataset.name} are in more than one split, so scores "
            f"come out too good; listed in {dataset.directory / REPORT}"
        )


def _count(source: Source) -> dict:
    """Return the counts of a split whose dataset has no report, because something else wrote it."""
    fixations, subjects = 0, set()
    for i in range(len(source)):
        example = source[i]
        fixations += len(example.points)
        subjects.update(example.subject[example.subject >= 0].tolist())
    return {"images": len(source), "fixations": fixations, "subjects": len(subjects)}


def _compare(report: dict) -> str:
    """Return whether the counts are as published, or '' where no published ones are established."""
    published = {name: n for name, n in (report.get("published") or {}).items() if n is not None}
    if not published:
        return ""
    differing = [f"{n} {name}" for name, n in published.items() if report[name] != n]
    if differing:
        return f"; differs from the published {', '.join(differing)}"
    return f"; matches the published {' and '.join(published)}"
