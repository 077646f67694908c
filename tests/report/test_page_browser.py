"""The report in a real browser: it opens, and everything on it does what it says."""

import shutil

import pytest

TIMEOUT = 600  # seconds; only against hanging
BROWSER, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))


@pytest.fixture(scope="module")
def browser():
    if not (BROWSER and DRIVER):
        pytest.skip("no chromium and chromedriver; Debian: chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--force-prefers-reduced-motion",
        "--window-size=1200,1000",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, report_folder):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    class Page:
        def __init__(self):
            browser.get(report_folder.page.as_uri())
            self.until(lambda: self.one("#caption").text)

        def all(self, selector):
            return browser.find_elements(By.CSS_SELECTOR, selector)

        def one(self, selector):
            return browser.find_element(By.CSS_SELECTOR, selector)

        def until(self, condition):
            return WebDriverWait(browser, TIMEOUT).until(lambda _: condition())

        def picture(self):
            return browser.execute_script("return document.querySelector('#stage').toDataURL()")

        def changes(self, action):
            """The picture before and after an action that must change it."""
            before = self.picture()
            action()
            self.until(lambda: self.picture() != before)
            return before, self.picture()

        def press(self, key):
            self.one("body").send_keys(key)

    return Page()


def test_it_opens_without_a_word_of_complaint(page, browser):
    assert browser.get_log("browser") == []
    assert len(page.all("#thumbnails button")) == 4
    for image in page.all("img"):
        assert image.get_attribute("alt")


def test_the_slider_steps_through_the_timesteps(page, browser):
    script = "const s = document.querySelector('#step'); s.value = 1;"
    page.changes(lambda: browser.execute_script(script + "s.dispatchEvent(new Event('input'))"))
    assert "timestep 1 of 2" in page.one("#stage").get_attribute("aria-label")
    assert page.one("#image-scores tr.current th").text == "1"
    page.changes(page.all("#strip button")[1].click)
    assert page.one("#step-shown").text == "2 of 2"


def test_toggles_toggle(page):
    without, with_points = page.changes(page.one("#fixations").click)
    assert page.one("#fixations").get_attribute("aria-pressed") == "true"
    _, again = page.changes(page.one("#fixations").click)
    assert again == without != with_points
    for layer in ("attention", "density", "none", "prediction"):
        button = page.one(f"[data-layer={layer}]")
        page.changes(button.click)
        assert button.get_attribute("aria-pressed") == "true"
    assert page.picture() == without


def test_sorting_sorts(page):
    from selenium.webdriver.support.ui import Select

    def values():
        texts = [button.text for button in page.all("#thumbnails button")]
        return [float(t.split()[-1].replace("\N{MINUS SIGN}", "-")) for t in texts]

    def column():
        cells = page.all("#scores tbody td:nth-child(2)")
        return [float(cell.get_attribute("data-value")) for cell in cells]

    assert values() == sorted(values(), reverse=True)
    Select(page.one("#metric")).select_by_visible_text("KL")
    assert values() == sorted(values())
    Select(page.one("#order")).select_by_value("worst")
    assert values() == sorted(values(), reverse=True)
    head = page.all("#scores th button")[1]
    head.click()
    ascending = column()
    assert ascending == sorted(ascending)
    head.click()
    assert column() == ascending[::-1]


def test_best_median_and_worst_are_found(page):
    order = [button.get_attribute("data-id") for button in page.all("#thumbnails button")]
    for jump, place in (("worst", -1), ("median", 1), ("best", 0)):
        page.one(f"[data-jump={jump}]").click()
        page.until(lambda place=place: page.one("#caption").text.startswith(order[place]))


def test_it_works_with_the_keyboard_alone(page):
    from selenium.webdriver.common.keys import Keys

    order = [button.get_attribute("data-id") for button in page.all("#thumbnails button")]
    page.press(Keys.ARROW_RIGHT)
    page.until(lambda: page.one("#caption").text.startswith(order[1]))
    for key in ("1", "a", "d", "n", "p", "f"):
        page.changes(lambda key=key: page.press(key))


def test_a_phone_and_the_dark_are_no_obstacle(page, browser):
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    background = "return getComputedStyle(document.body).backgroundColor"
    light = browser.execute_script(background)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    metrics = {"width": 380, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        assert browser.execute_script(background) != light
        widths = "return [document.documentElement.scrollWidth, window.innerWidth]"
        content, screen = browser.execute_script(widths)
        assert content <= screen == 380
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
