"""A split without the records that cannot be shown, so that one does not hide the others."""

from collections.abc import Iterator, Sequence

from samjax.data.dataset import Dataset
from samjax.data.example import Example
from samjax.data.prepare.check import check_record, check_shards
from samjax.data.prepare.report import read_report
from samjax.data.sources import Source
from samjax.errors import UserError


class CheckedSource:
    """The sound examples of a split.

    Args:
        source: The split.
        shown: Numbers of the examples whose image is checked, too, which means to decode it.

    Attributes:
        faults: A line for each shard or record that `samjax prepare --check` would name, of those
            that are read here.
    """

    def __init__(self, source: Source, shown: Sequence[int]) -> None:
        """Check the shards, and each record."""
        self._source = source
        self.faults = list(check_shards(source.dataset, source.split))
        self._sound: list[int] = []
        if self.faults:  # the records of such a split cannot be numbered
            return
        decoded = set(shown)
        for i in range(len(source)):
            record = check_record(source, i, decode=i in decoded)
            where = f"{source.split}[{i}] {record.image_id}"
            self.faults += [f"{where}: {error}" for error in record.errors]
            if not record.errors:
                self._sound.append(i)

    @property
    def dataset(self) -> Dataset:
        """The dataset that the split is of."""
        return self._source.dataset

    def __len__(self) -> int:
        """Return the number of sound examples."""
        return len(self._sound)

    def __getitem__(self, i: int) -> Example:
        """Return sound example number `i`."""
        return self._source[self._sound[i]]


def faults_of_report(dataset: Dataset) -> Iterator[str]:
    """Yield a line if the dataset's report is damaged, or does not count what it has."""
    try:
        read_report(dataset)
    except UserError as error:
        yield str(error)
