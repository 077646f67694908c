"""The page in a real browser, from the upload to the download."""

import csv
import json

import pytest
from PIL import Image
from ui_browser import Page, browser, drag
from ui_server import picture

from samjax.analysis.area import Area, box
from samjax.analysis.attention import attention_in, cover_areas

__all__ = ["browser"]


@pytest.fixture(scope="module")
def page(browser, url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    files = []
    for seed, name in enumerate(("old.png", "new.png")):
        Image.fromarray(picture(seed, 90, 120)).save(folder / name)
        files.append(str(folder / name))
    page = Page(browser)
    browser.get(url)
    page.until(lambda: page.one("html").get_attribute("data-ready"))
    page.one("#files").send_keys("\n".join(files))
    page.until(lambda: len(page.all("#thumbnails button")) == 2)
    page.all("#thumbnails button")[0].click()
    return page


def test_areas_are_drawn_measured_and_saved(page, model):
    page.click("#draw-box")
    drag(page, (0.25, 0.2), (0.75, 0.7))
    page.says("1 area measured")
    page.write("#area-name", "logo")
    numbers = [float(page.value(f"#area-{side}")) for side in ("x", "y", "width", "height")]
    assert numbers == pytest.approx([30, 18, 60, 45], abs=2)
    for side, text in zip(("x", "y", "width", "height"), ("12", "9", "60", "45"), strict=True):
        page.write(f"#area-{side}", text)
    page.until(lambda: page.rows("#area-table")[0][0] == "logo")
    page.until(lambda: "…" not in page.rows("#area-table")[0])
    density = model(picture(0, 90, 120)).density
    covered = cover_areas([Area("logo", box(12, 9, 60, 45))], 90, 120)
    (expected,) = attention_in(density, covered)
    (row,) = page.rows("#area-table")
    assert row[1] == f"{100 * expected.share:.1f} %"
    assert row[5] == f"{100 * expected.probability:.1f} %"
    assert len(row) == 8  # two timesteps behind
    saved = page.download("#save-areas-csv", "old_areas.csv")
    rows = list(csv.DictReader(saved.read_text().splitlines()))
    assert [r["timestep"] for r in rows] == ["1", "2"]
    assert float(rows[1]["share"]) == pytest.approx(expected.share, rel=1e-4)
    saved = page.download("#save-areas-json", "old_areas.json")
    assert json.loads(saved.read_text())["images"][0]["areas"][1]["area"] == "logo"
    with Image.open(page.download("#save-map", "old_map.png")) as image:
        assert (image.size, image.mode) == ((120, 90), "I;16")
    with Image.open(page.download("#save-overlay", "old_overlay.png")) as image:
        assert image.size == (120, 90)


def test_the_map_changes_with_timestep_opacity_and_colours(page):
    from selenium.webdriver.support.ui import Select

    pictures = [page.shown()]
    page.set_range("#timestep", 1)
    assert "timestep 1 of 2" in page.one("#caption").text
    pictures.append(page.shown())
    page.set_range("#timestep", 2)
    Select(page.one("#colours")).select_by_value("cividis")
    pictures.append(page.shown())
    page.set_range("#opacity", 0)
    pictures.append(page.shown())
    assert len(set(pictures)) == 4
    page.set_range("#opacity", 75)


def test_areas_need_no_mouse(page):
    from selenium.webdriver.common.keys import Keys

    page.one("#add-box").send_keys(Keys.ENTER)
    page.says("2 areas measured")
    active = page.browser.switch_to.active_element
    assert active.get_attribute("aria-label") == "Area area 2: x 40, y 30, width 40, height 30"
    active.send_keys(Keys.ARROW_RIGHT)
    page.browser.switch_to.active_element.send_keys(Keys.SHIFT, Keys.ARROW_DOWN)
    active = page.browser.switch_to.active_element
    assert active.get_attribute("aria-label") == "Area area 2: x 41, y 30, width 40, height 31"
    active.send_keys(Keys.DELETE)
    page.says("1 area measured")
    page.click("#add-polygon", "2 areas measured")
    page.write("#area-corners", "0,0 120,0 120,90 0,90" + Keys.TAB)
    page.until(lambda: page.rows("#area-table")[1][1] == "100.0 %")
    page.click("#remove-area", "1 area measured")


def test_polygons_are_drawn_by_clicks(page):
    from selenium.webdriver.common.action_chains import ActionChains

    page.click("#draw-polygon")
    svg = page.one("#shapes")
    width, height = svg.rect["width"], svg.rect["height"]
    for x, y in ((-0.4, -0.4), (0.4, -0.4), (0.4, 0.4), (-0.4, -0.4)):
        place = round(x * width), round(y * height)
        ActionChains(page.browser).move_to_element_with_offset(svg, *place).click().perform()
    page.says("2 areas measured")
    assert len(page.value("#area-corners").split()) == 3
    page.click("#remove-area", "1 area measured")


def test_two_pictures_are_compared(page):
    from selenium.webdriver.common.keys import Keys

    page.click("#tab-compare")
    page.one("#swipe").send_keys(Keys.ARROW_RIGHT)
    assert page.one("#swipe-shown").text == "51 % before, 49 % after"
    clip = page.browser.execute_script("return document.querySelector('#second').style.clipPath")
    assert clip.startswith("inset(")
    assert "51%" in clip
    page.write("#augmentations", "1")
    page.click("#run-compare", "Compared")
    (row,) = page.rows("#compare-table")
    assert row[0] == "logo"
    assert "…" in row[4]
    assert "of the attention moved" in page.one("#compare-caption").text
    assert page.one("#difference").get_attribute("alt")
    saved = page.download("#save-compare-csv", "new_difference.csv")
    assert next(csv.DictReader(saved.read_text().splitlines()))["area"] == "logo"
    saved = page.download("#save-compare-json", "new_difference.json")
    assert json.loads(saved.read_text())["pairs"][0]["image_after"] == "new.png"
    page.download("#save-compare-png", "new_difference.png")


def test_crops_are_found_and_cut(page):
    page.click("#tab-crops")
    page.click("#run-crops", "3 crops found")
    assert [row[0] for row in page.rows("#crop-table")] == ["1:1", "16:9", "9:16"]
    assert len(page.all("#shapes .window")) == 3
    page.all("#crop-table button")[0].click()
    file = page.browser.downloads / "old_1x1.png"
    page.until(file.exists)
    with Image.open(file) as image:
        assert image.size == (90, 90)
    saved = page.download("#save-crops-json", "old_crops.json")
    assert json.loads(saved.read_text())["images"][0]["crops"][0]["box"]["width"] == 90


def test_a_broken_picture_is_told(page, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    page.one("#files").send_keys(str(broken))
    page.until(lambda: "broken.png: cannot be read as a picture" in page.one("#problem").text)
    page.browser.get_log("browser")  # Chromium notes the status 422


def test_a_phone_and_the_dark_are_no_obstacle(page):
    browser = page.browser
    background = "return getComputedStyle(document.body).backgroundColor"
    light = browser.execute_script(background)
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    metrics = {"width": 380, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        assert browser.execute_script(background) != light
        widths = "return [document.documentElement.scrollWidth, window.innerWidth]"
        for tab in ("areas", "compare", "crops"):
            page.click(f"#tab-{tab}")
            content, screen = browser.execute_script(widths)
            assert content <= screen == 380
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_everything_has_a_name_and_the_policy_is_kept(page, url):
    """Every field is labelled, every table's heads have a scope, and nothing was blocked."""
    unlabelled = """return [...document.querySelectorAll("input, select, button")].filter(
        (e) => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).map((e) => e.id)"""
    assert page.browser.execute_script(unlabelled) == []
    for cell in page.all("th"):
        assert cell.get_attribute("scope") in ("row", "col")
    assert page.browser.get_log("browser") == []
    page.browser.get(f"{url}/docs")
    page.until(lambda: len(page.all("section")) == 5)
    assert page.browser.get_log("browser") == []
