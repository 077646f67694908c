"""Finding raw files in a tree by the part of their name that identifies them."""

from samjax.data.raw.problems import Faults
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

Files = dict[str, str]


def by_key(tree: Tree, pattern: str, faults: Faults) -> Files:
    """{key: name} of the files whose end matches; the key is what the pattern's groups caught,
    joined by '/'. Equal copies, such as an archive beside what was extracted from it, count once.
    """
    found: Files = {}
    for match in tree.match(pattern):
        key, name = "/".join(match.groups()), match.group()
        if key not in found:
            found[key] = name
        elif tree.size(found[key]) != tree.size(name):
            faults.add("copies that differ", name, f"is not as {found[key]}, which is used")
    return found


def by_number(files: Files) -> list[tuple[int, str]]:
    """(number, name) in numeric order: 1, 2, 10, where names sort as 1, 10, 2."""
    return sorted((int(key), name) for key, name in files.items())


def only(tree: Tree, pattern: str, file: str) -> str:
    """The name of the one file whose end matches; UserError if there is none, or if several
    differ. `file` is what to call it."""
    names = [match.group() for match in tree.match(pattern)]
    if not names:
        raise UserError(f"{tree.root} has no {file}; give --source the folder that has it")
    sizes = {tree.size(name) for name in names}
    if len(sizes) > 1:
        raise UserError(f"{tree.root} has several {file} that differ: {', '.join(names)}; keep one")
    return names[0]
