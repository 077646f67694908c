"""Problems in raw data, each with its kind and its place: counted, then refused or left out.

A problem is an error where an image or a row of a table cannot be used, and a warning where it can
be used all the same. Which of the two is said by the collection that it is put into.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from samjax.errors import UserError


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        kind: What problems are counted by, such as 'missing image file'.
        where: The file and line, or the image, that has it.
        what: What is wrong there.
    """

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        """Return place and problem in one line."""
        return f"{self.where}: {self.what}"


MAX_TEXT = 400  # characters; a cell or a name of a damaged file may have any number


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."


@dataclass
class Problems:
    """A collection of problems. All are counted, but only the first of each kind are kept.

    Attributes:
        limit: How many of each kind are kept. A damaged source may have one problem per row.
        kept: The problems that are kept, in the order in which they were found.
        counts: The number of all problems of each kind.
    """

    limit: int = 1000
    kept: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, where: str, what: str) -> None:
        """Count a problem, and keep it unless there are enough of its kind."""
        self.counts[kind] += 1
        if self.counts[kind] <= self.limit:
            self.kept.append(Problem(kind, _short(where), _short(what)))

    def include(self, other: "Problems") -> None:
        """Add the problems of another collection behind those of this one."""
        self.take(other.kept)
        # The other collection may have counted more than it kept.
        not_kept = other.counts - Counter(problem.kind for problem in other.kept)
        self.counts.update(not_kept)

    def summary(self) -> str:
        """Return the number of problems of each kind, such as '2 missing image file, 1 ...'."""
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))

    def take(self, problems: Iterable[Problem]) -> None:
        """Add problems."""
        for problem in problems:
            self.add(problem.kind, problem.where, problem.what)

    def refuse(self) -> None:
        """Raise UserError if there is any problem. It names the first one and counts all."""
        if self.counts:
            raise UserError(
                f"{self.kept[0]} (in all: {self.summary()}); mend the source, or leave such rows "
                "out with --on-error=skip"
            )
