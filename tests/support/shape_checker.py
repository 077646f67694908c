"""Checks the arrays' shapes and types that functions are annotated with, whenever they are called.

`tests/conftest.py` installs it as jaxtyping's import hook for the rooms whose arrays are annotated.
"""

from beartype import BeartypeConf, beartype

# By PEP 484 an int may stand where a float is annotated; beartype by itself refuses it.
check = beartype(conf=BeartypeConf(is_pep484_tower=True))
