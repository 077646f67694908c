"""Shapes of SVG are where a renderer draws them; what is not understood is refused."""

import numpy as np
import pytest

from samjax.analysis.area_formats.svg import parse
from samjax.analysis.coverage import cover
from samjax.errors import UserError

SIZE = (100, 200)


def read(body, root='viewBox="0 0 200 100"'):
    return parse(f'<svg xmlns="http://www.w3.org/2000/svg" {root}>{body}</svg>'.encode())


def size_of(body):
    ((area,), _) = read(body)
    return cover(area, *SIZE).inside


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ('<rect x="10" y="20px" width="30" height="40"/>', 1200),
        ('<rect width="40" height="20" rx="5"/>', 800 - (4 - np.pi) * 25),
        ('<rect width="40" height="20" rx="8" ry="4"/>', 800 - (4 - np.pi) * 32),
        ('<circle cx="50" cy="50" r="20"/>', np.pi * 400),
        ('<ellipse cx="50" cy="50" rx="40" ry="10"/>', np.pi * 400),
        ('<polygon points="0,0 10,0 10,10"/>', 50),
        ('<polyline points="0 0 10 0 10 10"/>', 50),
        ('<path d="M0 0 10 0 10 10z"/>', 50),
        ('<path d="m5-5l10 10-10,10"/>', 87.5),
        ('<path d="M0 0h10v10h-10zm20 0h10v10h-10z"/>', 200),
        ('<path d="M0,0H30V30H0ZM10,10H20V20H10Z"/>', 900),
        ('<path fill-rule="evenodd" d="M0,0H30V30H0ZM10,10H20V20H10Z"/>', 800),
        ('<g style="fill-rule: evenodd"><path d="M0,0H30V30H0ZM10,10H20V20H10Z"/></g>', 800),
        # A parabola has two thirds of its box, and this cubic is the same curve.
        ('<path d="M0 0Q30 60 60 0"/>', 1200),
        ('<path d="M0 0C20 40 40 40 60 0"/>', 1200),
        # Two arches, of which the second mirrors the first's control point to the other side.
        ('<path d="M0 50Q30 110 60 50T120 50"/>', 2400),
        ('<path d="M0 50C20 90 40 90 60 50S100 10 120 50"/>', 2400),
    ],
)
def test_shapes_have_their_areas(body, size):
    assert size_of(body) == pytest.approx(size, rel=2e-3)


@pytest.mark.parametrize(
    ("transform", "matrix"),
    [
        ("translate(7)", [[1, 0, 7], [0, 1, 0]]),
        ("translate(7 -3)", [[1, 0, 7], [0, 1, -3]]),
        ("scale(2)", [[2, 0, 0], [0, 2, 0]]),
        ("scale(2,.5)", [[2, 0, 0], [0, 0.5, 0]]),
        ("rotate(90)", [[0, -1, 0], [1, 0, 0]]),
        ("rotate(90 10 20)", [[0, -1, 30], [1, 0, 10]]),
        ("skewX(45)", [[1, 1, 0], [0, 1, 0]]),
        ("skewY(45)", [[1, 0, 0], [1, 1, 0]]),
        ("matrix(1 2 3 4 5 6)", [[1, 3, 5], [2, 4, 6]]),
        ("translate(1,2) scale(3)", [[3, 0, 1], [0, 3, 2]]),
    ],
)
def test_transforms_are_applied(transform, matrix):
    ((area,), _) = read(f'<g transform="{transform}"><polygon points="1,2 5,2 5,9"/></g>')
    corners = np.array([[1, 2, 1], [5, 2, 1], [5, 9, 1]])
    np.testing.assert_allclose(area.shape.rings[0], corners @ np.transpose(matrix), atol=1e-12)


def test_transforms_of_groups_go_outside_of_their_members():
    inner = '<polygon transform="scale(2)" points="1,1 2,1 2,2"/>'
    ((area,), _) = read(f'<g transform="translate(10 0)">{inner}</g>')
    np.testing.assert_allclose(area.shape.rings[0], [[12, 2], [14, 2], [14, 4]])


def test_the_frame_is_the_viewbox_or_the_size():
    circle = '<circle cx="30" cy="40" r="5"/>'
    ((area,), _) = read(circle, 'viewBox="10 20 200 100"')
    assert cover(area, 200, 400).inside == pytest.approx(np.pi * 100, rel=1e-3)
    assert cover(area, 200, 400).left == 30
    ((area,), _) = read(circle, 'width="200" height="100px"')
    assert area.frame == (100, 200)
    ((area,), _) = read(circle, "")
    assert area.frame is None


def test_names_come_from_labels_titles_and_ids():
    inkscape = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:label="one"'
    body = (
        f'<rect {inkscape} id="r"/><rect id="s"><title>two</title></rect><rect id="three"/><rect/>'
    )
    areas, _ = read(body)
    assert [area.name for area in areas] == ["one", "two", "three", "rect 4"]


def test_what_is_no_area_is_named_and_definitions_are_passed_over():
    body = '<defs><rect id="no"/></defs><text id="t">x</text><rect id="h" display="none"/><rect/>'
    areas, notes = read(body)
    assert len(areas) == 1
    assert "'t' is a <text>" in notes[0]
    assert "'h' is hidden" in notes[1]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<rect width="50%" height="1"/>', "no length in pixels"),
        ('<rect width="3mm" height="1"/>', "no length in pixels"),
        ('<rect width="-3" height="1"/>', "no rectangle"),
        ('<path d="M0 0A5 5 0 0 0 9 9z"/>', "arcs"),
        ('<path d="L0 0 9 9 9 0z"/>', "move"),
        ('<path d="M0 0L5"/>', "has 1 numbers"),
        ('<path d="M0 0L5 x"/>', "not understood|no numbers"),
        ('<polygon points="1 2 3"/>', "no pairs"),
        ('<use href="#a"/>', "<use>"),
        ('<rect transform="spin(3)"/>', "spin"),
        ('<rect transform="translate(1 2 3)"/>', "translate"),
        ('<rect transform="translate(1 2) x"/>', "not understood"),
        ('<rect style="transform: rotate(3deg)"/>', "as an attribute"),
        ('<rect transform-origin="center"/>', "transform-origin"),
        ("<style>rect { transform: scale(2) }</style>", "<style>"),
        ("<svg/>", "drawing within"),
        ('<image href="a.png"/><image href="b.png"/><rect/>', "several <image>"),
        ('<image transform="rotate(9)" width="1" height="1"/><rect/>', "turned"),
    ],
)
def test_what_is_not_understood_is_refused(body, message):
    with pytest.raises(UserError, match=message):
        read(body)


@pytest.mark.parametrize("data", [b"", b"<svg", b"<html/>"])
def test_damaged_files(data):
    with pytest.raises(UserError):
        parse(data)
