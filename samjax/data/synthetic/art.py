"""The parts of synthetic scenes: backgrounds, shapes, faces of simple blobs, text of strokes.

A canvas is uint8 [H, W, 3] in RGB. It is larger than the scene that is made of it. Positions and
sizes are pixels of the canvas, and all functions draw into the canvas that they get.
"""

import colorsys

import cv2
import numpy as np

Colour = tuple[int, int, int]
"""RGB, each 0..255."""

SHAPES = ("disc", "square", "triangle", "bar", "ring")


def colour(hue: float, saturation: float, value: float) -> Colour:
    """Return the colour of a hue, which counts in turns, a saturation and a value in 0..1."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def background(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Return a new canvas [height, width, 3] with two muted colours, blended by a texture.

    The texture is one of three: clouds, a horizon with clouds, or a weave.
    """
    clouds = _clouds(height, width, rng)
    kind = rng.integers(3)
    if kind == 0:
        blend = clouds
    elif kind == 1:
        rows = np.linspace(0, 1, height)[:, None]
        horizon = 1 / (1 + np.exp((rng.uniform(0.3, 0.7) - rows) * rng.uniform(8, 40)))
        blend = 0.75 * horizon + 0.25 * clouds
    else:
        blend = 0.35 * _weave(height, width, rng) + 0.65 * clouds
    hue = rng.random()
    dark = np.array(colour(hue, rng.uniform(0.1, 0.4), rng.uniform(0.25, 0.5)))
    light = np.array(colour(hue + rng.uniform(-0.15, 0.15), 0.2, rng.uniform(0.55, 0.85)))
    grain = rng.normal(0, 3, (height, width, 1))
    canvas = dark + (light - dark) * blend[..., None] + grain
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def _clouds(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Return smooth noise [height, width] of several octaves, 0..1."""
    clouds = np.zeros((height, width), np.float32)
    for octave in range(5):
        cells = rng.random((2 + 2**octave, 3 + 2**octave), dtype=np.float32)
        clouds += 0.6**octave * cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.normalize(clouds, np.empty_like(clouds), 0, 1, cv2.NORM_MINMAX))


def _weave(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Return a grating [height, width] of random direction and period, 0..1."""
    angle, cycles = rng.uniform(0, np.pi), rng.uniform(8, 24)
    y, x = np.mgrid[:height, :width] / height
    return 0.5 + 0.5 * np.sin(2 * np.pi * cycles * (x * np.cos(angle) + y * np.sin(angle)))


def shape(
    canvas: np.ndarray, kind: str, x: float, y: float, radius: float, rgb: Colour, angle: float
) -> None:
    """Draw one of SHAPES, which are of about the same area, turned by `angle` (radians)."""
    centre, size = (round(x), round(y)), max(round(radius), 2)
    if kind == "disc":
        cv2.circle(canvas, centre, size, rgb, cv2.FILLED, cv2.LINE_AA)
    elif kind == "ring":
        cv2.circle(canvas, centre, size, rgb, max(size // 2, 1), cv2.LINE_AA)
    else:
        cv2.fillPoly(canvas, [_corners(kind, x, y, radius, angle)], rgb, cv2.LINE_AA)


def _corners(kind: str, x: float, y: float, radius: float, angle: float) -> np.ndarray:
    """Return the corners int32 [N, 2] (x, y) of a shape with straight edges."""
    outlines = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1.25), (1.1, 0.75), (-1.1, 0.75)],
        "bar": [(-1.4, -0.4), (1.4, -0.4), (1.4, 0.4), (-1.4, 0.4)],
    }
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.array(outlines[kind]) @ turn.T * radius + (x, y)
    return np.rint(points).astype(np.int32)


def face(canvas: np.ndarray, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    """Draw a face at (x, y): hair, an oval of skin, eyes, nose and mouth; shoulders below it."""

    def ellipse(
        dx: float,
        dy: float,
        rx: float,
        ry: float,
        rgb: Colour,
        start: int = 0,
        end: int = 360,
        thickness: int = cv2.FILLED,
    ) -> None:
        # An ellipse, or an arc of it in degrees, with all lengths in units of the radius.
        centre = (round(x + dx * radius), round(y + dy * radius))
        axes = (max(round(rx * radius), 1), max(round(ry * radius), 1))
        cv2.ellipse(canvas, centre, axes, 0, start, end, rgb, thickness, cv2.LINE_AA)

    skin = colour(rng.uniform(0.04, 0.09), rng.uniform(0.25, 0.6), rng.uniform(0.45, 0.95))
    shade = (round(0.6 * skin[0]), round(0.6 * skin[1]), round(0.6 * skin[2]))
    hair = colour(rng.uniform(0.03, 0.12), rng.uniform(0.3, 0.8), rng.uniform(0.08, 0.5))
    cloth = colour(rng.random(), 0.45, rng.uniform(0.3, 0.6))
    ellipse(0, 2.0, 1.4, 1.1, cloth, start=180, end=360)
    ellipse(0, -0.15, 0.95, 1.1, hair)
    ellipse(0, 0.1, 0.8, 1.0, skin)
    for side in (-1, 1):
        ellipse(0.33 * side, -0.08, 0.17, 0.11, (245, 245, 240))
        ellipse(0.33 * side, -0.08, 0.09, 0.1, (30, 25, 25))
    ellipse(0, 0.25, 0.09, 0.16, shade)
    smile = max(round(0.09 * radius), 1)
    ellipse(0, 0.5, 0.34, 0.2, (150, 50, 55), start=10, end=170, thickness=smile)


def text(
    canvas: np.ndarray,
    x: float,
    y: float,
    half_width: float,
    half_height: float,
    rng: np.random.Generator,
) -> None:
    """Draw a light panel centred at (x, y), with lines of words, whose letters are strokes."""
    paper = colour(rng.random(), rng.uniform(0, 0.15), rng.uniform(0.85, 1))
    ink = colour(rng.random(), rng.uniform(0.3, 0.9), rng.uniform(0.05, 0.3))
    corners = np.rint([x - half_width, y - half_height, x + half_width, y + half_height])
    left, top, right, bottom = corners.astype(int).tolist()
    cv2.rectangle(canvas, (left, top), (right, bottom), paper, cv2.FILLED, cv2.LINE_AA)
    lines = int(rng.integers(1, 4))
    pitch = 2 * half_height / (lines + 0.4)
    glyph = 0.55 * pitch
    for line in range(lines):
        middle = top + (line + 0.7) * pitch
        pen = left + 0.6 * glyph
        while pen < right - glyph:
            if rng.random() < 0.82:  # else a space between words
                _glyph(canvas, pen, middle, glyph, ink, rng)
            pen += 0.85 * glyph


def _glyph(
    canvas: np.ndarray,
    left: float,
    middle: float,
    size: float,
    ink: Colour,
    rng: np.random.Generator,
) -> None:
    """Draw two to four strokes between the points of a 2 x 3 grid, as in letters."""
    nodes = np.array([(0.0, -0.5), (0.5, -0.5), (0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)])
    nodes = np.rint(nodes * size + (left, middle)).astype(int)
    thickness = max(round(0.16 * size), 1)
    for _ in range(rng.integers(2, 5)):
        begin, end = rng.choice(len(nodes), 2, replace=False)
        cv2.line(canvas, nodes[begin].tolist(), nodes[end].tolist(), ink, thickness, cv2.LINE_AA)
