"""What is wrong or odd in raw data: named by place, counted, refused or skipped."""

from collections import Counter
from dataclasses import dataclass, field

from samjax.errors import UserError


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: its kind (counted), where (file and line), and what."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Faults:
    """Collects faults. Every one is counted; only the first `limit` of each kind are kept."""

    limit: int = 1000
    kept: list[Fault] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)

    def add(self, kind: str, where: str, what: str):
        self.counts[kind] += 1
        if self.counts[kind] <= self.limit:
            self.kept.append(Fault(kind, where, what))

    def include(self, other: "Faults"):
        """Adds the faults of another collection, after one's own."""
        for fault in other.kept:
            self.add(fault.kind, fault.where, fault.what)
        beyond = other.counts - Counter(fault.kind for fault in other.kept)
        self.counts.update(beyond)

    def summary(self) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))

    def refuse(self):
        """Raises UserError if there is any fault."""
        if self.counts:
            raise UserError(
                f"{self.kept[0]} (in all: {self.summary()}); mend the source, or leave such rows "
                "out with --on-error=skip"
            )
