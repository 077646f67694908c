"""The same areas in every format have the same shares, which are direct sums; errors are told."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from samjax.analysis.area_formats.read import parse_areas, read_areas
from samjax.analysis.attention import area_shares, cover_areas
from samjax.analysis.matching import areas_of
from samjax.errors import UserError

SIZE = (30, 40)
BOXES = {"logo": (2, 3, 10, 8), "menu": (20, 0, 15.5, 30)}


def mask_png(height, width):
    buffer = io.BytesIO()
    Image.new("L", (width, height), 255).save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()


def corners(x, y, w, h):
    return [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]


def runs(x, y, w, h):
    """Run lengths of a box of whole pixels, column by column."""
    mask = np.zeros(SIZE, int)
    mask[y : y + h, x : x + w] = 1
    flat = np.concatenate([[0], mask.T.ravel()])
    starts = np.flatnonzero(np.diff(flat)) - 0
    edges = np.concatenate([[0], starts, [mask.size]])
    return np.diff(edges).tolist()


def text_of_runs(counts):
    """COCO's text of run lengths, after `rleToString` of its mask API."""
    text = ""
    for k, count in enumerate(counts):
        x = count - counts[k - 2] if k > 2 else count
        more = True
        while more:
            c = x & 31
            x >>= 5
            more = x != -1 if c & 16 else x != 0
            text += chr((c | 32 if more else c) + 48)
    return text


def as_csv():
    rows = [f"home.png,{name},{x},{y},{w},{h}" for name, (x, y, w, h) in BOXES.items()]
    return "image,area,x,y,width,height\n" + "\n".join(rows)


def as_json():
    logo, menu = BOXES.values()
    fractions = [menu[0] / 40, menu[1] / 30, menu[2] / 40, menu[3] / 30]
    return json.dumps(
        {
            "areas": [
                {"area": "logo", "image": "home.png", "polygon": corners(*logo)},
                {"area": "menu", "box": fractions, "units": "fractions"},
            ]
        }
    )


def as_coco(counts=None):
    logo = {"counts": counts or runs(*BOXES["logo"]), "size": SIZE}
    polygon = np.ravel(corners(*BOXES["menu"])).tolist()
    rows = [{"category_id": 7, "segmentation": logo}, {"category_id": 9, "segmentation": [polygon]}]
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": "home.png", "height": SIZE[0], "width": SIZE[1]}],
            "categories": [{"id": 7, "name": "logo"}, {"id": 9, "name": "menu"}],
            "annotations": [row | {"id": k, "image_id": 1} for k, row in enumerate(rows)],
        }
    )


def as_labelme():
    x, y, w, h = BOXES["logo"]
    menu = corners(*BOXES["menu"])
    mask = {
        "shape_type": "mask",
        "points": [[x, y], [x + w - 1, y + h - 1]],
        "mask": mask_png(h, w),
    }
    shapes = [{"label": "logo", **mask}, {"label": "menu", "points": [menu[2], menu[0]]}]
    shapes[1]["shape_type"] = "rectangle"
    about = {"imagePath": "..\\photos\\home.png", "imageHeight": SIZE[0], "imageWidth": SIZE[1]}
    return json.dumps({"shapes": shapes, **about})


def as_svg():
    x, y, w, h = BOXES["logo"]
    u, v, s, t = BOXES["menu"]
    # Twice the picture's size, moved, and one shape within a group that undoes its transform.
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="100 50 80 60">
      <image href="x/home.png" x="100" y="50" width="80" height="60"/>
      <rect id="logo" x="{100 + 2 * x}" y="{50 + 2 * y}" width="{2 * w}" height="{2 * h}"/>
      <g transform="translate(100, 50) scale(2)">
        <path id="menu" d="M{u} {v}h{s}v{t}H{u}z"/></g></svg>"""


FILES = {
    "a.csv": as_csv(),
    "ours.json": as_json(),
    "coco.json": as_coco(),
    "coco_text.json": as_coco(text_of_runs(runs(*BOXES["logo"]))),
    "labelme.json": as_labelme(),
    "drawing.svg": as_svg(),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_direct_sums(name, tmp_path, rng):
    (tmp_path / name).write_text(FILES[name])
    density = rng.random(SIZE)
    density /= density.sum()
    areas = read_areas(tmp_path / name).areas
    assert [area.name for area in areas] == ["logo", "menu"]
    shares = area_shares(density, cover_areas(areas, *SIZE))
    menu = density[:, 20:35].sum() + density[:, 35].sum() / 2
    assert shares == pytest.approx([density[3:11, 2:12].sum(), menu], abs=1e-9, rel=1e-6)
    assert len(areas_of(areas, tmp_path / "home.png")) == 2


@pytest.mark.parametrize("name", FILES)
def test_pictures_of_twice_the_size(name, tmp_path, rng):
    """What names a frame is scaled; pixels of a file without one stay pixels."""
    (tmp_path / name).write_text(FILES[name])
    areas = read_areas(tmp_path / name).areas
    covered = cover_areas(areas, 60, 80)
    scaled = {"a.csv": 1, "ours.json": 1}.get(name, 4)
    assert covered[0].coverage.inside == pytest.approx(80 * scaled)


def test_the_polygons_of_an_object_of_coco_are_a_union(tmp_path):
    """Whichever way round they are written."""
    value = json.loads(as_coco())
    one, other = np.ravel(corners(0, 0, 10, 10)), np.ravel(corners(5, 0, 10, 10)[::-1])
    value["annotations"][1]["segmentation"] = [one.tolist(), other.tolist()]
    (tmp_path / "a.json").write_text(json.dumps(value))
    areas = read_areas(tmp_path / "a.json").areas
    assert cover_areas(areas, *SIZE)[1].coverage.inside == 150


def test_a_folder_is_read_and_names_unnamed_drawings(tmp_path):
    (tmp_path / "b.csv").write_text(as_csv())
    (tmp_path / "home.svg").write_text('<svg viewBox="0 0 40 30"><circle id="c" r="5"/></svg>')
    areas = read_areas(tmp_path).areas
    assert [(area.image, area.name) for area in areas][-1] == ("home", "c")
    assert len(areas_of(areas, tmp_path / "home.png")) == 3
    assert len(areas_of(areas, tmp_path / "other.png")) == 0


def test_repeated_names_are_told_apart_and_said(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("area,x,y,width,height\nface,0,0,1,1\nface,2,2,1,1\nface,4,4,1,1\n")
    areas, notes = read_areas(file)
    assert [area.name for area in areas] == ["face", "face 2", "face 3"]
    assert "'face' comes more than once" in notes[0]


def test_a_mask_beside_our_json(tmp_path):
    Image.fromarray(np.kron([[0, 255], [0, 0]], np.ones((15, 20))).astype(np.uint8)).save(
        tmp_path / "m.png"
    )
    (tmp_path / "a.json").write_text('[{"area": "corner", "mask": "m.png"}]')
    (corner,) = read_areas(tmp_path / "a.json").areas
    coverage = cover_areas([corner], 30, 40)[0].coverage
    assert (coverage.left, coverage.top, coverage.inside) == (20, 0, 300)


WRONG = {
    "a.csv": [
        ("area,x,y,width\nlogo,1,1,1\n", "lacks the column height"),
        ("area,x,y,width,hight,height\n", "'hight' is unknown.*did you mean height"),
        ("area,x,y,width,height\nlogo,1,1,ten,1\n", "line 2: width='ten' is no number"),
        ("area,x,y,width,height\nlogo,1,1,-5,1\n", "line 2.*no box"),
        ("area,x,y,width,height\nlogo,1,nan,5,1\n", "line 2.*no box"),
        ("area,x,y,width,height\nlogo,1,1,5\n", "line 2 has another number of cells"),
        ("area,x,y,width,height\n,1,1,5,5\n", "line 2 names no area"),
        ("area,x,y,width,height\n", "holds no area"),
    ],
    "a.json": [
        ("{", "damaged"),
        ("{}", "neither ours"),
        ('[{"area": "a"}]', "entry 1: give one of"),
        ('[{"area": "a", "box": [1, 2, 3]}]', "entry 1.*not .x, y, width, height"),
        ('[{"area": "a", "box": [1, 2, 3, 4], "colour": "red"}]', "'colour' is unknown"),
        ('[{"area": "a", "box": [1, 2, 3, 4], "unit": "px"}]', "'unit' is unknown"),
        ('[{"area": "a", "mask": "gone.png"}]', "gone.png"),
        ('{"shapes": [{"points": []}]}', "KeyError"),
        (
            '{"shapes": [{"label": "p", "points": [[1, 1]], "shape_type": "point"}]}',
            "'p' is a point",
        ),
        ('{"shapes": [{"label": "p", "points": [[1, 1]], "shape_type": "cube"}]}', "'cube'"),
        ('{"images": [], "annotations": [{"image_id": 3}]}', "belongs to image 3"),
        (as_coco([5, 5]), "do not fill"),
    ],
    "a.txt": [("", "no known format")],
}


@pytest.mark.parametrize(
    ("name", "text", "message"), [(n, t, m) for n, rows in WRONG.items() for t, m in rows]
)
def test_what_is_wrong_is_told(name, text, message, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=message) as error:
        read_areas(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_files_and_empty_folders(tmp_path):
    for path in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(UserError, match=str(path)):
            read_areas(path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("area,x,y,width,height\nlogo,1,2,3,4\n", ""),
        ("area,x,y,width,height\r\nlogo,1,2,3,4\r\n", "boxes.csv"),
        ('[{"area": "logo", "box": [1, 2, 3, 4]}]', ""),
        ('  {"areas": [{"area": "logo", "box": [1, 2, 3, 4]}]}', "a.txt"),
        ('<svg><rect id="logo" x="1" y="2" width="3" height="4"/></svg>', ""),
    ],
)
def test_areas_that_were_sent_tell_their_format_by_name_or_content(text, name):
    areas, notes = parse_areas(text.encode(), name)
    assert ([area.name for area in areas], notes) == (["logo"], [])
    (ring,) = areas[0].shape.rings
    assert (*ring.min(axis=0), *ring.max(axis=0)) == (1, 2, 4, 6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'[{"area": "a", "mask": "/etc/hostname"}]', "is a file, which is not read here"),
        (b'[{"area": "a", "mask": "../secret.png"}]', "is a file, which is not read here"),
        (b"", "lacks the column"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"{", "areas.json: is damaged, it is not JSON"),
        (b"[" * 100_000, "is damaged, it is not JSON"),
    ],
)
def test_areas_that_were_sent_and_are_none_are_told(data, words):
    with pytest.raises(UserError, match=re.escape(words)):
        parse_areas(data)


def test_masks_that_declare_too_much_take_no_memory():
    rows = [{"id": 1, "image_id": 1, "segmentation": {"size": [10**6, 10**6], "counts": [10**12]}}]
    value = {"images": [{"id": 1, "file_name": "p.png"}], "annotations": rows}
    with pytest.raises(UserError, match="it declares an array"):
        parse_areas(json.dumps(value).encode())
    shape = {"label": "a", "shape_type": "mask", "points": [[0, 0], [1, 1]], "mask": ""}
    value = {"shapes": [shape], "imageHeight": 10**6, "imageWidth": 10**6}
    with pytest.raises(UserError, match="it declares an array"):
        parse_areas(json.dumps(value).encode())
