"""Failures that the user can mend are told in one line."""

import pytest

from samjax.errors import MAX_LINE, UserError, check_name, one_line


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


def test_a_message_is_one_line_whatever_is_quoted_in_it():
    assert str(UserError("a\nb\x1b[31m\u2028c")) == r"a\nb\x1b[31m\u2028c"
    assert str(UserError("caf\udce9")) == "caf\udce9"  # a byte of a name, for whoever prints it
    assert one_line(ValueError("a\n  b")) == "a b"
    assert one_line(ValueError()) == "ValueError"


def test_a_message_keeps_its_beginning_and_its_end():
    text = str(UserError(f"the file {'x' * 100_000} is damaged; write it again"))
    assert len(text) == MAX_LINE
    assert text.startswith("the file xxx")
    assert text.endswith("xx is damaged; write it again")
