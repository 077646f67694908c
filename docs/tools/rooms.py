"""Draw the rooms of the code and the imports between them, into docs/pictures/rooms.svg.

    python docs/tools/rooms.py

Everything is read from the code: the order of the rooms from tests/test_layers.py, the purpose of
a room from its first docstring line, the imports from its modules. `make docs` runs this.
"""

import ast
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "pictures" / "rooms.svg"

# All in pixels.
ROW, NAME, PURPOSE, CELL, HEAD, MARGIN = 26, 190, 510, 24, 104, 12
# Dark enough on white, light enough on black: the page has a light and a dark scheme.
INK, FAINT, ACCENT = "#6b7280", "#9ca3af", "#5c6bc0"


def layers() -> tuple[list[str], dict[str, set[str]]]:
    """Return the rooms from the top to the bottom, and for each the rooms that it imports from."""
    sys.path.insert(0, str(ROOT / "tests"))
    import test_layers

    rooms = list(test_layers.ROOMS)
    imports: dict[str, set[str]] = {room: set() for room in rooms}
    for module, path in test_layers.MODULES.items():
        room = test_layers.room_of(module)
        if room is None:
            continue
        others = {test_layers.room_of(name) for name in test_layers.imported(path)}
        imports[room] |= others - {room, None}
    return rooms, imports


def purpose(room: str) -> str:
    """Return the first sentence of the docstring of a room or module, without its full stop."""
    path = ROOT / room.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    sentence = docstring.split("\n\n")[0].replace("\n", " ").split(". ")[0]
    sentence = sentence.removesuffix(".").replace("`", "")
    return sentence if len(sentence) <= 76 else sentence[:75].rsplit(" ", 1)[0] + " ..."


def text(x: float, y: float, words: str, colour: str = INK, extra: str = "") -> str:
    """Return an SVG text that begins at (x, y)."""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" {extra}>{escape(words)}</text>'


def draw(rooms: list[str], imports: dict[str, set[str]]) -> str:
    """Return the drawing as SVG: a row for each room, and a dot where it imports from another."""
    left = MARGIN + NAME + PURPOSE
    width, height = left + CELL * len(rooms) + 3 * CELL, HEAD + ROW * len(rooms) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12" role="img">',
        "<title>The rooms of samjax, from the top to the bottom, and their imports</title>",
    ]
    for column, room in enumerate(rooms):
        x = left + CELL * (column + 0.6)
        turned = f'transform="rotate(-50 {x:g} {HEAD - 8})" font-size="11"'
        parts.append(text(x, HEAD - 8, room.removeprefix("samjax."), INK, turned))
    for row, room in enumerate(rooms):
        top = HEAD + ROW * row
        middle = top + ROW / 2
        parts.append(
            f'<rect x="{MARGIN}" y="{top + 2}" width="{NAME - 14}" height="{ROW - 4}" rx="4" '
            f'fill="{ACCENT}" fill-opacity=".15" stroke="{ACCENT}"/>'
        )
        parts.append(text(MARGIN + 8, middle + 4, room, ACCENT, 'font-weight="bold"'))
        parts.append(text(MARGIN + NAME, middle + 4, purpose(room)))
        line = f'stroke="{FAINT}" stroke-width=".5" stroke-opacity=".5"'
        end = left + CELL * len(rooms)
        parts.append(f'<path d="M {left} {middle:g} H {end}" {line}/>')
        for column, other in enumerate(rooms):
            x = left + CELL * (column + 0.5)
            if other == room:
                parts.append(
                    f'<rect x="{x - 4:g}" y="{middle - 4:g}" width="8" height="8" fill="{FAINT}"/>'
                )
            elif other in imports[room]:
                parts.append(f'<circle cx="{x:g}" cy="{middle:g}" r="5" fill="{ACCENT}"/>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Write the drawing, if it differs from the one that is there."""
    drawing = draw(*layers())
    if not TARGET.is_file() or TARGET.read_text("utf-8") != drawing:
        TARGET.write_text(drawing, "utf-8")
        print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
