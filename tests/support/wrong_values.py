"""Values that a field of the configuration may not have, made from what it may have."""

import ast
import math
from typing import Any

from samjax.training.composed_checks import Datasets, Items
from samjax.training.field_checks import Choice, FieldCheck, Number, Switch, Text, Whole

NAN, INF = math.nan, math.inf
# No field is any of these.
FOREIGN = (b"bytes", 1j, {1, 2}, {"a": {"b": 1}}, object(), [], [1, 2], range(3))


def wrong_values(check: FieldCheck) -> list[Any]:
    """Values of the wrong type, typing errors, nan, inf, below, above, empty, too long."""
    none = () if isinstance(check, Whole) and check.or_none else (None,)
    return [*FOREIGN, *none, *_OF_KIND[type(check)](check)]


def _choice(check: Choice) -> list[Any]:
    typos = []
    for name in check.names:
        typos += [name[:-1], f"{name}x", f" {name}", name.swapcase(), (name,), f"{name}\n"]
    # Some names have no letters, and some are the typing error of another one.
    return ["", "x" * 10_000, 3, NAN, True, (), *(t for t in typos if t not in check.names)]


def _switch(_: Switch) -> list[Any]:
    return [0, 1, 0.0, NAN, "True", "", (), (True,)]


def _whole(check: Whole) -> list[Any]:
    low, high = check.low, check.high
    odd = [low + 1] if check.multiple_of > 1 else []
    beyond = [low - 1, high + check.multiple_of, -(10**15), 10**30]
    return [*odd, *beyond, low + 0.5, float(low), NAN, INF, str(low), "", True, (low,), (), [low]]


def _number(check: Number) -> list[Any]:
    ends = [check.low] * check.above + [check.high] * check.below
    beyond = [2 * check.low - 1, -1e39, 1e39, 10**40, NAN, INF, -INF]
    return [*ends, *beyond, "0.5", "nan", "", True, (0.5,), ()]


def _text(check: Text) -> list[Any]:
    empty = [] if check.or_empty else [""]
    return [*empty, " ", "a\nb", "a\0b", "x" * 5000, 3, NAN, True, (), ("a",)]


def _datasets(check: Datasets) -> list[Any]:
    weights = [f"osie:{w}" for w in ("nan", "inf", "-inf", "0", "-1", "x", "", "1:2", "1e999")]
    weighted = [] if check.weighted else ["osie:1"]
    names = ["", " ", ",", ":1", "osie,osie", "osie,:1", "a\nb", "x" * 5000]
    return [*weights, *weighted, *names, 3, NAN, True, (), ("osie",)]


def _items(check: Items) -> list[Any]:
    good = ast.literal_eval(check.example)
    wrong = [3, NAN, True, "", "abc", str(good), list(good), (good,), good * (check.longest + 1)]
    if check.shortest:
        wrong += [(), good[:-1]]
    wrong += [(item, *good[1:]) for item in wrong_values(check.item)]
    if check.rising or check.not_falling:
        wrong += [good[::-1]]
    if check.rising or check.distinct:
        wrong += [(good[0], good[0])]
    return wrong


_OF_KIND = {
    Choice: _choice,
    Switch: _switch,
    Whole: _whole,
    Number: _number,
    Text: _text,
    Datasets: _datasets,
    Items: _items,
}
