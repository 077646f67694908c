"""Conditions are read as they are written, and met by what they say."""

import pytest

from samjax.analysis.comparison import AreaDifference
from samjax.analysis.conditions import check_areas, parse_condition, reasons
from samjax.errors import UserError

FOUND = AreaDifference("big cta", 0.15, 0.12, -0.03, -0.05, -0.01)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("big cta < 0.13", True),
        ("big cta<.12", False),
        ("big cta > 10%", True),
        ("big cta > 0.5", False),
        ("big cta drops 0.02", True),
        ("big cta drops by 2 %", True),
        ("big cta drops 0.04", False),
        ("big cta rises 0", False),
        ("  big cta  drops  0 ", True),
    ],
)
def test_conditions(text, met):
    condition = parse_condition(text)
    assert condition.area == "big cta"
    assert condition.is_met(FOUND) == met


def test_a_rise_is_met_by_a_rise():
    risen = FOUND._replace(before=0.1, after=0.15, difference=0.05)
    assert parse_condition("big cta rises 4%").is_met(risen)
    assert not parse_condition("big cta drops 0").is_met(risen)


@pytest.mark.parametrize(
    "text", ["", "cta", "cta 0.1", "< 0.1", "cta drops", "cta = 0.1", "cta < -1", "cta < x"]
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(UserError, match="is no condition"):
        parse_condition(text)


def test_shares_are_not_per_cents():
    with pytest.raises(UserError, match="write 10% for per cent"):
        parse_condition("cta < 10")


def test_the_reason_has_the_numbers(tmp_path):
    conditions = [parse_condition("big cta < 0.13"), parse_condition("other < 0.9")]
    (reason,) = reasons(conditions, tmp_path, [FOUND])
    assert "0.1200" in reason
    assert "-0.0300 [-0.0500, -0.0100]" in reason


def test_a_name_that_is_no_area_is_told_with_a_suggestion():
    check_areas([parse_condition("cta < 0.1")], ["cta", "logo"])
    with pytest.raises(UserError, match=r"no area 'ctaa' \(did you mean cta"):
        check_areas([parse_condition("ctaa < 0.1")], ["cta", "logo"])
