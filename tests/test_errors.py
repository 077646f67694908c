"""Failures that the user can mend are told in one line."""

import pytest

from samjax.errors import UserError, check_name, one_line


def test_a_message_of_several_lines_becomes_one():
    assert one_line(ValueError("first\n   second\n")) == "first second"


def test_an_error_without_a_message_is_told_by_its_kind():
    assert one_line(EOFError()) == "EOFError"


def test_an_unknown_name_is_told_with_the_nearest_and_all_known_ones():
    check_name("readout", "relu", ("relu", "density"))
    line = r"readout='rleu' is unknown \(did you mean relu\?\); use relu or density$"
    with pytest.raises(UserError, match=line):
        check_name("readout", "rleu", ("relu", "density"))


@pytest.mark.parametrize("name", [None, 3, ("relu",), [], {}])
def test_what_is_no_text_is_no_known_name(name):
    with pytest.raises(UserError, match=r"is unknown; use relu$"):
        check_name("readout", name, ("relu",))
