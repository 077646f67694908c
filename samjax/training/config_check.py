"""Holds a configuration to the rules of its fields, before any work begins with it.

What is wrong is told in one line: which field, its value, and what is allowed.
"""

from collections.abc import Mapping
from typing import Any

from ml_collections import ConfigDict

from samjax.errors import UserError, listed, suggestion
from samjax.training.combinations import check_combinations
from samjax.training.field_checks import explain, shown
from samjax.training.rules import RULES


def check_config(config: ConfigDict) -> None:
    """Check every field of a whole configuration, then the fields against each other.

    Raises:
        UserError: A field is wrong, unknown or missing, or fields do not go together.
    """
    fields = flat(config.to_dict())
    _check_fields(fields)
    missing = [field for field in RULES if field not in fields]
    if missing:
        raise UserError(f"the configuration has no {missing[0]}; begin it with configs/base.py")
    check_combinations(config)


def check_section(name: str, section: Mapping[str, Any]) -> None:
    """Check the fields that a section has, as of an older work folder, in which some are missing.

    Args:
        name: Of the section, such as "model".
        section: Its fields.

    Raises:
        UserError: A field is wrong or unknown.
    """
    _check_fields(flat({name: section}))


def flat(section: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested fields by their full names, 'section.name'.

    What stands in the place of a field is taken as its value, even if it has parts itself.
    """
    if prefix in RULES or not isinstance(section, Mapping):
        return {prefix: section}
    fields: dict[str, Any] = {}
    for name, value in section.items():
        fields |= flat(value, f"{prefix}.{name}" if prefix else str(name))
    return fields


def _check_fields(fields: Mapping[str, Any]) -> None:
    for field, value in fields.items():
        if field in RULES:
            if not RULES[field].fits(value):
                raise explain(field, value, RULES[field])
            continue
        if unknown := unknown_field(field):
            raise UserError(unknown)
        within = [rule.removeprefix(f"{field}.") for rule in RULES if rule.startswith(f"{field}.")]
        raise UserError(f"{field}={shown(value)} is not allowed; set its {listed(within)}")


def unknown_field(field: str) -> str:
    """Return the line that says that there is no field or group of this name, "" if there is."""
    if any(rule == field or rule.startswith(f"{field}.") for rule in RULES):
        return ""
    hint = suggestion(field, RULES)
    return f"the configuration has no field {field}{hint}; configs/base.py has them all"
