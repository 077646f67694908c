"""Every relative link of the documentation leads somewhere, to its heading too."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|^ {4}.*?$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures, without those to other servers."""
    targets = [match["target"] for match in LINK.finditer(CODE.sub("", page.read_text()))]
    return [target for target in targets if not re.match(r"(https?|mailto):", target)]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as MkDocs makes them; no heading may come twice."""
    titles = [match["title"] for match in HEADING.finditer(CODE.sub(keep_words, page.read_text()))]
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", t).strip().lower()) for t in titles}


def keep_words(code: re.Match) -> str:
    """Code within a line of text stays, without its marks; a block of code goes."""
    text = code.group()
    return "" if "\n" in text or text.startswith("    ") else text.strip("`")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), f"{name(page)}: there is no {target}"
        assert other.is_relative_to(ROOT), f"{name(page)}: {target} is outside the repository"
        if anchor:
            assert anchor in anchors(other), f"{name(page)}: {target} has no such heading"


def test_every_page_is_reached_from_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        assert str(page.relative_to(ROOT / "docs")) in navigation


def test_every_picture_is_shown():
    text = "".join(page.read_text() for page in PAGES)
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.name in text, f"{name(picture)} is on no page"
