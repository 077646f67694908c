"""A user's own folder: spellings, depths, splits, copies; what is uncertain or unused is named."""

import unicodedata

import cv2
import numpy as np
import pytest
from raw_files import jpeg, put
from table_files import blurred, encoded

from samjax.data.builders.folder import folder_dataset
from samjax.data.example import Facts, Sigma
from samjax.data.prepare.from_published import prepare_published
from samjax.data.prepare.report import SAME_PICTURE, read_report
from samjax.data.prepare.summary import warning_lines
from samjax.data.sources import Source
from samjax.errors import UserError

SIZE = 30, 40
FACTS = Facts(sigma=Sigma(pixels=4.0))
CSV = b"x,y\n10.5,20\n30,12\n"
MAP = encoded(blurred(*SIZE))


def write(root, *names):
    """Write an image, a map or fixations for each name, by its ending and its folder."""
    for number, name in enumerate(names):
        is_map = "map" in name.lower() or "dens" in name.lower()
        content = MAP if is_map else jpeg(*SIZE, number)
        put(root / name, CSV if name.lower().endswith(".csv") else content)
    return root


def prepare(tmp_path, on_error="fail"):
    dataset = folder_dataset("mine", FACTS)
    data_dir = tmp_path / "data"
    options = {"data_dir": data_dir, "on_error": on_error, "overwrite": True}
    return prepare_published(dataset, tmp_path / "raw", **options)


def contents(dataset) -> dict:
    """Return {id: (split, number of fixations, whether there is a map)}."""
    found = {}
    for split in dataset.splits:
        source = Source(dataset, split)
        for i in range(len(source)):
            example = source[i]
            found[example.image_id] = split, len(example.points), bool(example.density)
    return found


LAYOUTS = {
    "singular": ["image/a.jpg", "fixation/a.csv", "map/a.png"],
    "capitals": ["STIMULI/a.JPG", "FIXATIONS/a.CSV", "FIXATIONMAPS/a.PNG"],
    "words": ["Pictures/a.jpg", "Fixation Locations/a.csv", "saliency-maps/a.png"],
    "below one folder": ["mine/images/a.jpg", "mine/fixations/a.csv", "mine/maps/a.png"],
    "in several parts": ["one/images/a.jpg", "two/fixations/a.csv", "three/maps/a.png"],
    "in archives' names": ["train_images/a.jpg", "fixations-train/a.csv", "Train Maps/a.png"],
    "endings of stems": ["images/a.jpg", "fixations/a_fix.csv", "maps/a_fixMap.png"],
    "pictures of fixations": ["images/a.jpg", "fixations/a.bmp", "maps/a.jpg"],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_truth_is_found_however_its_folders_are_called(tmp_path, layout):
    write(tmp_path / "raw", *LAYOUTS[layout])
    if layout == "pictures of fixations":
        points = np.zeros(SIZE, np.uint8)
        points[[3, 9], [5, 30]] = 255
        put(tmp_path / "raw/fixations/a.bmp", cv2.imencode(".bmp", points)[1].tobytes())
        put(tmp_path / "raw/maps/a.jpg", encoded(blurred(*SIZE), ".jpg"))
    assert contents(prepare(tmp_path)) == {"a": ("train", 2, True)}


BELOW = "images/{}/{}.jpg|fixations/{}/{}.csv"
ABOVE = "{}/images/{}.jpg|{}/fixations/{}.csv"


@pytest.mark.parametrize("form", [BELOW, ABOVE])
def test_splits_stand_above_or_below_and_may_number_their_images_alike(tmp_path, form):
    for split in ("Train", "valid"):
        write(tmp_path / "raw", *(part.format(split, "a" + split) for part in form.split("|")))
    found = {image_id: split for image_id, (split, *_) in contents(prepare(tmp_path)).items()}
    assert found == {"aTrain": "train", "avalid": "validation"}
    for split in ("Train", "valid"):
        write(tmp_path / "raw", *(part.format(split, "1") for part in form.split("|")))
    assert {"train/1", "validation/1"} <= contents(prepare(tmp_path)).keys()


def test_categories_keep_their_folders_in_the_ids(tmp_path):
    for category in ("Art", "Food"):
        names = f"images/{category}/001.jpg", f"fixations/{category}/001.csv"
        write(tmp_path / "raw", *names)
        put(tmp_path / "raw" / names[0], jpeg(*SIZE, len(category)))
    assert contents(prepare(tmp_path)).keys() == {"Art/001", "Food/001"}


UNCERTAIN = {
    "one map file for several images": ["images/x/1.jpg", "images/y/1.jpg", "maps/1.png"],
    "several map files for one image": ["images/a.jpg", "maps/a.png", "densities/a.bmp"],
    "several fixations files for one image": ["images/a.jpg", "fixations/a.csv", "fix/a.csv"],
    "several images of one name": ["images/a.jpg", "images/a.png"],
}


@pytest.mark.parametrize("kind", UNCERTAIN)
def test_what_fits_in_several_ways_is_refused_or_left_out(tmp_path, kind):
    write(tmp_path / "raw", "images/sound.jpg", *UNCERTAIN[kind])
    if kind == "several fixations files for one image":
        put(tmp_path / "raw/fix/a.csv", b"x,y\n1,2\n")
    if kind == "several map files for one image":
        put(tmp_path / "raw/densities/a.bmp", encoded(blurred(*SIZE) // 2, ".bmp"))
    with pytest.raises(UserError, match=f"1 {kind}.*--on-error=skip"):
        prepare(tmp_path)
    found = contents(prepare(tmp_path, "skip"))
    assert "sound" in found
    assert "a" not in found
    assert not any(has_map for _, _, has_map in found.values())


def test_equal_copies_are_one(tmp_path):
    write(tmp_path / "raw", "images/a.jpg", "maps/a.png", "density/a.png")
    assert contents(prepare(tmp_path))["a"][2]


def test_what_is_not_used_is_named(tmp_path):
    root = write(tmp_path / "raw", "images/a.jpg", "fixations/a.csv", "maps/lost.png")
    put(root / "scanpaths/a.mat", b"")
    put(root / "fixations/a.json", b"{}")
    report = read_report(prepare(tmp_path))
    assert report["oddities"] == {"files not used": 2, "map without image": 1}
    assert {"scanpaths", "fixations"} <= {row["where"] for row in report["rows"]}


@pytest.mark.parametrize(
    ("ending", "kind"), [("dng", "picture not read"), ("heic", "unusable image")]
)
def test_a_stimulus_that_cannot_be_read_is_no_file_beside_others(tmp_path, ending, kind):
    root = write(tmp_path / "raw", "images/a.jpg", "fixations/a.csv")
    put(root / f"images/b.{ending}", b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(UserError, match=f"1 {kind}"):
        prepare(tmp_path)
    assert contents(prepare(tmp_path, "skip")).keys() == {"a"}


def test_a_source_without_images_says_what_folders_it_has(tmp_path):
    put(tmp_path / "raw/stuff/a.jpg", jpeg(*SIZE))
    with pytest.raises(UserError, match=r"no images/STEM\.jpg.*in stuff"):
        prepare(tmp_path)


def test_data_without_any_truth_say_so(tmp_path):
    write(tmp_path / "raw", "images/a.jpg")
    assert "cannot be trained on" in next(warning_lines(prepare(tmp_path)))


def test_names_in_two_forms_of_unicode_are_one(tmp_path):
    composed, apart = (unicodedata.normalize(form, "Tür") for form in ("NFC", "NFD"))
    write(tmp_path / "raw", f"images/{apart}.jpg", f"fixations/{composed}.csv")
    assert contents(prepare(tmp_path)) == {composed: ("train", 2, False)}


def test_copies_of_a_picture_are_drawn_into_one_split(tmp_path):
    for number in range(20):
        put(tmp_path / f"raw/images/{number:02}.jpg", jpeg(*SIZE, number // 2))
        put(tmp_path / f"raw/fixations/{number:02}.csv", CSV)
    found = contents(prepare(tmp_path))
    for number in range(0, 20, 2):
        assert found[f"{number:02}"][0] == found[f"{number + 1:02}"][0]
    assert len({split for split, *_ in found.values()}) == 3


def test_the_same_pixels_in_two_splits_of_the_user_are_told(tmp_path):
    write(tmp_path / "raw", "images/train/a.png", "images/val/b.bmp", "images/val/c.png")
    pixels = np.random.default_rng(5).integers(0, 255, (*SIZE, 3), np.uint8)
    put(tmp_path / "raw/images/train/a.png", encoded(pixels))
    put(tmp_path / "raw/images/val/b.bmp", encoded(pixels, ".bmp"))
    dataset = prepare(tmp_path)
    assert read_report(dataset)["oddities"][SAME_PICTURE] == 1
    assert any("more than one split" in line for line in warning_lines(dataset))


def test_subjects_with_names_have_the_same_number_in_every_file(tmp_path):
    write(tmp_path / "raw", "images/a.jpg", "images/b.jpg")
    put(tmp_path / "raw/fixations/a.csv", b"x,y,subject\n1,1,S2\n2,2,S10\n")
    put(tmp_path / "raw/fixations/b.csv", b"x,y,subject\n1,1,S10\n")
    dataset = prepare(tmp_path)
    found = {}
    for split in dataset.splits:
        source = Source(dataset, split)
        found |= {source[i].image_id: source[i].subject.tolist() for i in range(len(source))}
    assert found == {"a": [0, 1], "b": [1]}


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", jpeg(*SIZE)[:400], b"\0\0\0\x1cftypavif"]
)
def test_a_bad_picture_is_named_and_ends_no_run(tmp_path, content):
    write(tmp_path / "raw", "images/a.jpg", "fixations/a.csv")
    put(tmp_path / "raw/images/bad.jpg", content)
    with pytest.raises(UserError, match=r"bad.*1 unusable image"):
        prepare(tmp_path)
    assert contents(prepare(tmp_path, "skip")).keys() == {"a"}


def test_fixations_that_cannot_be_pixels_are_asked_about(tmp_path):
    write(tmp_path / "raw", "images/a.jpg")
    put(tmp_path / "raw/fixations/a.csv", b"x,y\n0.25,0.5\n0.75,0.125\n")
    with pytest.raises(UserError, match="--units=fractions"):
        prepare(tmp_path)
