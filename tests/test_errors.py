"""Failures that the user can mend are told in one line."""

from samjax.errors import one_line


def test_a_message_of_several_lines_becomes_one():
    assert one_line(ValueError("first\n   second\n")) == "first second"


def test_an_error_without_a_message_is_told_by_its_kind():
    assert one_line(EOFError()) == "EOFError"
