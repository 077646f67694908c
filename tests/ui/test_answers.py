"""The answers are those of the functions behind them, for the same picture and model."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from ui_server import encoded, picture

from samjax.analysis.area import Area, box, grid
from samjax.analysis.area_measuring import measure_pixels
from samjax.analysis.area_report import area_csv, area_json, picture_record
from samjax.analysis.crop import crop, focal_point
from samjax.analysis.variants import draw_variants
from samjax.analysis.versions import VersionAreas, compare_pictures
from samjax.files.json_file import finite
from samjax.pictures.heatmap import quantise

IMAGE = picture(0)
DATA = encoded(IMAGE)
AREAS = {
    "areas": [{"area": "logo", "box": [3, 4, 10, 8.5]}, {"area": "all", "box": [0, 0, 40, 30]}]
}
OWN = [Area("logo", box(3, 4, 10, 8.5)), Area("all", box(0, 0, 40, 30))]


def levels(packed: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(packed["data"]))))


def send(client, path, files=None, **fields):
    answer = client.post(path, files=files or {"file": ("home.png", DATA)}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer


def test_predict_gives_the_density_and_its_timesteps(client, model):
    saliency = model(IMAGE)
    record = send(client, "/predict", timesteps="true").json()
    assert (record["image"], record["width"], record["height"]) == ("home.png", 40, 30)
    assert record["model"] == model.origin
    np.testing.assert_array_equal(levels(record["density"]), quantise(saliency.density, np.uint16))
    assert record["density"]["peak"] == float(saliency.density.max())
    assert [row["timestep"] for row in record["timesteps"]] == [1, 2]
    for row, density in zip(record["timesteps"], saliency.timesteps, strict=True):
        np.testing.assert_array_equal(levels(row["density"]), quantise(density, np.uint16))


def test_maps_in_json_may_be_smaller(client):
    record = send(client, "/predict", encoding="png8", side="20", picture="1").json()
    assert levels(record["density"]).shape == (15, 20)
    assert levels(record["density"]).dtype == np.uint8
    assert record["picture"]["type"] == "image/png"
    assert levels(record["picture"]).shape == (15, 20, 3)
    np.testing.assert_array_equal(
        levels(send(client, "/predict", picture="yes").json()["picture"]), IMAGE
    )


@pytest.mark.parametrize("kind", ["npy", "png16", "png8", "heatmap", "overlay"])
def test_predict_gives_the_files_of_the_command(client, model, kind):
    answer = send(client, f"/predict?format={kind}")
    assert "attachment" in answer.headers["content-disposition"]
    density = model(IMAGE).density
    if kind == "npy":
        np.testing.assert_array_equal(np.load(io.BytesIO(answer.content)), density)
        return
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert pixels.shape[:2] == (30, 40)
    if kind.startswith("png"):
        expected = quantise(density, np.uint16 if kind == "png16" else np.uint8)
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("as_file", [False, True])
def test_areas_are_measured_as_by_the_function(client, model, as_file):
    text = json.dumps(AREAS)
    files = {"file": ("home.png", DATA)} | ({"areas": ("a.json", text)} if as_file else {})
    fields = {"timesteps": "on", "fixations": "7"} | ({} if as_file else {"areas": text})
    found = send(client, "/areas", files, **fields).json()
    measured = measure_pixels(model, "home.png", IMAGE, OWN, fixations=7, all_timesteps=True)
    expected = finite(area_json([picture_record(measured)], model.origin, []))
    assert found == json.loads(json.dumps(expected))
    assert len(found["images"][0]["areas"]) == 4


def test_the_cells_of_a_grid_hold_all_attention(client, model):
    (image,) = send(client, "/areas", grid="3x4").json()["images"]
    assert sum(row["share"] for row in image["areas"]) == pytest.approx(1, abs=1e-6)
    csv = send(client, "/areas", grid="3x4", format="csv")
    measured = measure_pixels(model, "home.png", IMAGE, grid(3, 4))
    assert csv.text == area_csv([picture_record(measured)])
    assert csv.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    "text",
    [
        "area,x,y,width,height\nlogo,3,4,10,8.5\n",
        '<svg><rect id="logo" x="3" y="4" width="10" height="8.5"/></svg>',
    ],
)
def test_areas_come_in_other_formats_too(client, text):
    expected = send(client, "/areas", areas=json.dumps(AREAS)).json()["images"][0]["areas"][0]
    found = send(client, "/areas", areas=text).json()["images"][0]["areas"][0]
    assert found | {"rank": 0} == expected | {"rank": 0}


def test_the_strongest_regions_are_found(client):
    (image,) = send(client, "/areas", auto="2").json()["images"]
    assert image["areas"][0]["area"] == "region 1"


def test_versions_are_compared_as_by_the_function(client, model):
    other = picture(1, 60, 80)
    files = {"before": ("a.png", DATA), "after": ("b.png", encoded(other))}
    fields = {"augmentations": "2", "seed": "5", "difference": "1", "areas": json.dumps(AREAS)}
    answer = send(client, "/compare", files, **fields).json()
    areas = VersionAreas(OWN, [replace(area, frame=(30, 40)) for area in OWN], [])
    expected = compare_pictures([model], IMAGE, other, areas, draw_variants(2, 5))
    (pair,) = answer["pairs"]
    assert pair["moved"] == pytest.approx(expected.moved, rel=1e-4)
    for row, found in zip(pair["areas"], expected.areas, strict=True):
        assert row["area"] == found.name
        # float32 maps of batches of another size are rounded differently.
        numbers = [row[name] for name in ("before", "after", "low", "high")]
        assert numbers == pytest.approx(
            [found.before, found.after, found.low, found.high], abs=1e-5
        )
    assert "2 times mirrored" in pair["interval"]
    assert levels(answer["difference"]).shape[1] == 40
    signed = send(client, "/compare?format=npy", files, augmentations="0")
    assert abs(np.load(io.BytesIO(signed.content)).sum(dtype=np.float64)) < 1e-5
    assert send(client, "/compare", files, augmentations="0", format="csv").text.count("\n") == 10


def test_crops_are_those_of_the_function(client, model):
    density = model(IMAGE).density
    answer = send(client, "/crop", ratio="1:1,16:9", keep="0.5", margin="0").json()
    (image,) = answer["images"]
    assert (image["focal_point"]["x"], image["focal_point"]["y"]) == focal_point(density)
    for row, shape in zip(image["crops"], ("1:1", "16:9"), strict=True):
        expected = crop(density, shape, keep=0.5, margin=0)
        assert row["box"] == expected.window._asdict()
        assert row["share"] == expected.share


def test_a_crop_is_cut_in_the_format_of_the_picture(client):
    answer = send(client, "/crop", size="20x10", format="picture")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (20, 10)
    assert "home_20x10.png" in answer.headers["content-disposition"]


def test_pictures_are_turned_as_people_see_them(client, model):
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(IMAGE).save(buffer, "PNG", exif=exif)
    record = send(client, "/predict", {"file": ("p.png", buffer.getvalue())}).json()
    assert (record["width"], record["height"]) == (30, 40)
    turned = model(np.rot90(IMAGE, -1).copy()).density
    np.testing.assert_array_equal(levels(record["density"]), quantise(turned, np.uint16))
