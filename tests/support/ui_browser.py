"""The page of `samjax ui` in a real browser: to click, to type, and to read."""

import shutil

import pytest

TIMEOUT = 120  # seconds; only against hanging
BROWSER, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not (BROWSER and DRIVER):
        pytest.skip("no chromium and chromedriver; Debian: chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1200,1400"):
        options.add_argument(argument)
    folder = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.downloads = folder
    yield driver
    driver.quit()


class Page:
    def __init__(self, browser):
        self.browser = browser

    def all(self, selector):
        from selenium.webdriver.common.by import By

        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        (element,) = self.all(selector)
        return element

    def until(self, condition):
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, TIMEOUT).until(lambda _: condition())

    def says(self, words):
        self.until(lambda: words in self.one("#status").text)

    def click(self, selector, words=""):
        self.one(selector).click()
        if words:
            self.says(words)

    def write(self, selector, text):
        from selenium.webdriver.common.keys import Keys

        # Not by `clear`, which takes the focus away, so that the page would fill the field again.
        self.one(selector).send_keys(Keys.CONTROL + "a" + Keys.NULL, text)

    def value(self, selector):
        return self.one(selector).get_property("value")

    def set_range(self, selector, value):
        script = "const s = document.querySelector(arguments[0]); s.value = arguments[1];"
        script += "s.dispatchEvent(new Event('input'))"
        self.browser.execute_script(script, selector, value)

    def shown(self):
        return self.browser.execute_script("return document.querySelector('#canvas').toDataURL()")

    def rows(self, table):
        # In one go, because the table is made anew while it is read.
        script = """return [...document.querySelectorAll(`${arguments[0]} tbody tr`)].map(
            (row) => [...row.cells].map((cell) => cell.innerText))"""
        return self.browser.execute_script(script, table)

    def download(self, selector, name):
        self.one(selector).click()
        file = self.browser.downloads / name
        self.until(file.exists)
        return file


def drag(page, start, end):
    """Drag over the picture; places are fractions of it."""
    from selenium.webdriver.common.action_chains import ActionChains

    svg = page.one("#shapes")
    width, height = svg.rect["width"], svg.rect["height"]
    corners = [(round((x - 0.5) * width), round((y - 0.5) * height)) for x, y in (start, end)]
    chain = ActionChains(page.browser).move_to_element_with_offset(svg, *corners[0])
    chain.click_and_hold().move_to_element_with_offset(svg, *corners[1]).release().perform()
