"""The files of a user's own folder by their roles, and which belong to which image."""

from collections.abc import Collection, Sequence

from samjax.data.raw import fixation_files
from samjax.data.raw.lookup import same_content
from samjax.data.raw.pairing import FIXATIONS, IMAGES, MAPS, Place, pair, place
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree

PICTURES = ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "tif", "tiff", "webp", "gif", "pgm")
PHOTOGRAPHS = ("avif", "heic", "heif", "hif", "mpo", "ppm", "pnm", "jp2", "tga", "psd")
"""What may be an image, and no map; HEIC is read with pillow-heif only, and else an error."""
UNREAD = ("dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf", "jxl", "jxr", "exr", "hdr")
"""Pictures of formats that are not read, so that a stimulus would be missing."""
ENDINGS = {
    IMAGES: (*PICTURES, *PHOTOGRAPHS),
    MAPS: PICTURES,
    FIXATIONS: fixation_files.KINDS,
}


def find_places(tree: Tree, warnings: Problems) -> dict[str, list[Place]]:
    """Return the files of each role; those of no role, or of another kind, are warnings."""
    places: dict[str, list[Place]] = {role: [] for role in ENDINGS}
    unused: dict[tuple[str, str], list[str]] = {}
    for name in tree.names:
        known = place(name)
        ending = name.rsplit(".", 1)[-1].lower() if "." in name.rsplit("/", 1)[-1] else ""
        if known and ending in ENDINGS[known.role]:
            places[known.role].append(known)
        elif known and known.role == IMAGES and ending in UNREAD:
            what = "is of a format that is not read; export it as JPEG, PNG or TIFF"
            tree.errors.add("picture not read", name, what)
        else:
            unused.setdefault((name.rpartition("/")[0], ending), []).append(name)
    for (folder, ending), names in sorted(unused.items()):
        what = f"{len(names)} files .{ending}, such as {names[0]}, are not used"
        warnings.add("files not used", folder or ".", what)
    return places


def unique_images(images: Sequence[Place], tree: Tree) -> dict[str, Place]:
    """Return {image id: image}; images of one name that differ are errors."""
    by_key: dict[tuple[str, str, str], list[Place]] = {}
    for image in images:
        by_key.setdefault((image.split, image.above, image.path), []).append(image)
    kept = []
    for first, *others in by_key.values():
        differing = [o.name for o in others if not same_content(tree, first.name, o.name)]
        if differing:
            what = f"{', '.join(differing)} has the same name; keep one"
            tree.errors.add("several images of one name", first.name, what)
        else:
            kept.append(first)
    # Ids are as short as they can be: the path below images/, or else all that tells them apart.
    ids: dict[str, Place] = {}
    for parts in (("path",), ("above", "path"), ("split", "above", "path")):
        ids = {"/".join(filter(None, (getattr(i, p) for p in parts))): i for i in kept}
        if len(ids) == len(kept):
            break
    return dict(sorted(ids.items()))


def fitting_files(
    tree: Tree, role: str, images: Collection[Place], files: Sequence[Place], warnings: Problems
) -> tuple[dict[str, str], set[str]]:
    """Return {image: its file}, and the images of which it is not certain."""
    pairs = pair(images, files)
    fitting, uncertain = {}, set()
    for image, (first, *others) in pairs.of_image.items():
        differing = [other for other in others if not same_content(tree, first, other)]
        if differing:
            what = f"{', '.join([first, *differing])} are for it; keep one"
            tree.errors.add(f"several {role} files for one image", image, what)
            uncertain.add(image)
        else:
            fitting[image] = first
    for name in pairs.without_image:
        warnings.add(f"{role} without image", name, "there is no image of this name")
    for name in pairs.ambiguous:
        what = "fits several images of this name; put it into a folder as theirs"
        tree.errors.add(f"one {role} file for several images", name, what)
    return fitting, uncertain
