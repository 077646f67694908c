"""Finding raw files in a tree by the part of their name that identifies an image."""

from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

Files = dict[str, str]
"""{key: name of the file in the tree}."""


def files_by_key(tree: Tree, pattern: str, warnings: Problems) -> Files:
    """Return {key: name} of the files whose name ends as the pattern says.

    Equal copies, such as an archive beside what was extracted from it, count once. Copies that
    differ are a warning, and the first one is used.

    Args:
        tree: The raw files.
        pattern: A regular expression with groups. The key is what the groups matched, joined by
            '/'.
        warnings: Where copies that differ are added.
    """
    files: Files = {}
    for match in tree.match(pattern):
        key, name = "/".join(match.groups()), match.group()
        if key not in files:
            files[key] = name
        elif not same_content(tree, files[key], name):
            warnings.add("copies that differ", name, f"is not as {files[key]}, which is used")
    return files


def same_content(tree: Tree, one: str, other: str) -> bool:
    """Return whether two files have the same bytes."""
    return tree.size(one) == tree.size(other) and tree.read(one) == tree.read(other)


def in_numeric_order(files: Files) -> list[tuple[int, str]]:
    """Return (number, name) of files whose keys are numbers: 1, 2, 10, not 1, 10, 2."""
    return sorted((int(key), name) for key, name in files.items())


def only_file(tree: Tree, pattern: str, title: str) -> str:
    """Return the name of the one file whose name ends as the pattern says.

    Args:
        tree: The raw files.
        pattern: A regular expression.
        title: What the file is called in messages.

    Raises:
        UserError: There is none, or there are several that differ.
    """
    names = [match.group() for match in tree.match(pattern)]
    if not names:
        raise UserError(f"{tree.root} has no {title}; give --source the folder that has it")
    if not all(same_content(tree, names[0], name) for name in names[1:]):
        listed = ", ".join(names)
        raise UserError(f"{tree.root} has several {title} that differ: {listed}; keep one")
    return names[0]
