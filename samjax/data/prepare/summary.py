"""What a prepared dataset holds, in lines: by split, and against the published numbers."""

from collections.abc import Iterator

from samjax.data.prepare.from_tables import REPORT, read_report
from samjax.data.sources import Dataset, Source


def split_lines(dataset: Dataset) -> Iterator[str]:
    """'NAME SPLIT: N images, F fixations, S subjects' and whether that is as published."""
    report = read_report(dataset).get("splits", {})
    for split in dataset.splits:
        found = report.get(split) or _counted(Source(dataset, split))
        yield (
            f"{dataset.name} {split}: {found['images']} images, {found['fixations']} fixations, "
            f"{found['subjects']} subjects{_against(found)}"
        )
    for split, count in report.items():
        if split not in dataset.splits:
            yield f"{dataset.name} {split}: 0 images{_against(count)}"


def left_out_lines(dataset: Dataset) -> Iterator[str]:
    """What was left out of the dataset, and what was odd in its raw files."""
    report = read_report(dataset)
    for what, kinds in (("left out", "faults"), ("odd", "oddities")):
        if counts := report.get(kinds):
            listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            yield f"{what}: {listed}; listed in {dataset.directory / REPORT}"


def _counted(source: Source) -> dict:
    fixations, subjects = 0, set()
    for i in range(len(source)):
        example = source[i]
        fixations += len(example.points)
        subjects.update(example.subject[example.subject >= 0].tolist())
    return {"images": len(source), "fixations": fixations, "subjects": len(subjects)}


def _against(found: dict) -> str:
    """'; as published', or the published numbers that differ; '' where none are established."""
    published = {name: n for name, n in (found.get("published") or {}).items() if n is not None}
    if not published:
        return ""
    differing = [f"{n} {name}" for name, n in published.items() if found[name] != n]
    if differing:
        return f"; differs from the published {', '.join(differing)}"
    return f"; matches the published {' and '.join(published)}"
