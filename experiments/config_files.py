"""Configurations by name: `--config=demo` or `--config=configs/demo.py`, from any folder.

A file where the user says it is wins. What is not there is looked for in the checkout that the
program is from.
"""

from pathlib import Path

from samjax.errors import UserError, suggestion

CHECKOUT = Path(__file__).parents[1]
OPTION = "--config"


def with_found_configs(argv: list[str]) -> list[str]:
    """Return the arguments with the file of `--config`, where it is given by name, as a path.

    Raises:
        UserError: There is no such file. The message names similar ones.
    """
    found = list(argv)
    for i, argument in enumerate(argv):
        if argument == "--":
            break
        option, equals, value = argument.partition("=")
        if option not in (OPTION, OPTION[1:]):
            continue
        if equals:
            found[i] = f"{OPTION}={find_config(value)}"
        elif i + 1 < len(argv):
            found[i + 1] = find_config(argv[i + 1])
    return found


def in_checkout(path: str) -> str:
    """Return a path that is not there as that of the same file in the checkout, if one is."""
    there = CHECKOUT / path
    return str(there) if not Path(path).exists() and there.is_file() else path


def find_config(value: str) -> str:
    """Return the path of a configuration, with what stands behind its colon.

    Args:
        value: A path, or the name of a file in configs/ with or without its ending; a colon and a
            text for the configuration may follow.

    Raises:
        UserError: There is no such file.
    """
    name, colon, text = value.partition(":")
    if not name or Path(name).is_file():
        return value
    file = name if name.endswith(".py") else f"{name}.py"
    for path in (Path(file), CHECKOUT / file, CHECKOUT / "configs" / file):
        if path.is_file():
            return f"{path}{colon}{text}"
    configs = CHECKOUT / "configs"
    files = [path for path in configs.rglob("*.py") if path.stem != "__init__"]
    known = sorted(path.relative_to(configs).with_suffix("").as_posix() for path in files)
    hint = suggestion(Path(name).stem, known)
    raise UserError(f"{OPTION}={name}: there is no such file{hint}; known: {', '.join(known)}")
