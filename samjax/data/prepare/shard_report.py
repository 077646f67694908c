"""What was found in raw files while they were written: counted, kept with each shard, summed."""

from __future__ import annotations

from dataclasses import dataclass, field

from samjax.data.raw.problems import Fault, Faults


@dataclass
class ShardReport:
    """Counts over images.

    resized:  images whose pixels are not as many as their height and width say
    unusable: what cannot be used and is left out, image by image
    odd:      what is left out of an image that is used, or worth knowing
    """

    images: int = 0
    fixations: int = 0
    subjects: set[int] = field(default_factory=set)
    resized: int = 0
    unusable: Faults = field(default_factory=Faults)
    odd: Faults = field(default_factory=Faults)

    def include(self, other: ShardReport):
        self.images += other.images
        self.fixations += other.fixations
        self.subjects |= other.subjects
        self.resized += other.resized
        self.unusable.include(other.unusable)
        self.odd.include(other.odd)

    def as_json(self) -> dict:
        faults = {name: _faults_json(getattr(self, name)) for name in ("unusable", "odd")}
        return {**vars(self), "subjects": sorted(self.subjects), **faults}

    @classmethod
    def from_json(cls, fields: dict) -> ShardReport:
        faults = {name: _faults(fields[name]) for name in ("unusable", "odd")}
        return cls(**{**fields, "subjects": set(fields["subjects"]), **faults})


def _faults_json(faults: Faults) -> dict:
    return {"counts": dict(faults.counts), "kept": [vars(fault) for fault in faults.kept]}


def _faults(fields: dict) -> Faults:
    faults = Faults(kept=[Fault(**fault) for fault in fields["kept"]])
    faults.counts.update(fields["counts"])
    return faults
