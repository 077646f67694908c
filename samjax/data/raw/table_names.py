"""The images and maps of a table: files that are found by the names that the table has."""

from collections.abc import Sequence
from pathlib import Path

from samjax.data.raw.names import Names, is_readable, plain_name, shown
from samjax.data.raw.pairing import IMAGES, MAPS, role
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import is_junk_path
from samjax.data.raw.walk import walk
from samjax.errors import UserError

USUAL = {IMAGES: "images", MAPS: "densities"}


class Files:
    """The files of one role under a table's folder.

    Attributes:
        folder: The folder, such as images/; it need not be there.
        files: {name inside the folder, in composed Unicode: file}.
        used: The names that rows have asked for.
    """

    def __init__(self, source: Path, kind: str, warnings: Problems, errors: Problems) -> None:
        """List the files of the folder that has the role `kind`.

        Raises:
            UserError: Several folders have it.
        """
        self.folder = _folder(source, kind)
        self.files: dict[str, Path] = {}
        self.used: set[str] = set()
        if self.folder.is_dir():
            for file in walk(self.folder, warnings, errors, is_junk_path):
                if is_readable(file.name):
                    self.files[plain_name(file.name)] = file.path
                else:
                    errors.add("name not in UTF-8", shown(str(file.path)), "rename the file")
        self._names = Names(self.files)

    def find(self, name: str) -> list[str]:
        """Return the names that fit what the table says: one, none, or several."""
        fitting = self._names.find(name)
        self.used.update(fitting)
        return fitting

    def unused(self) -> list[str]:
        """Return the names that no row has asked for."""
        return sorted(self.files.keys() - self.used)


def _folder(source: Path, kind: str) -> Path:
    usual = source / USUAL[kind]
    if usual.is_dir():
        return usual
    others = [path for path in sorted(source.iterdir()) if role(path.name) == kind]
    folders: Sequence[Path] = [path for path in others if path.is_dir()]
    if len(folders) > 1:
        listed = ", ".join(path.name for path in folders)
        raise UserError(f"{source} has {listed}: name the one that counts {USUAL[kind]}/")
    return folders[0] if folders else usual
