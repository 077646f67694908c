"""TFRecord files are read exactly, and damage is named."""

import pytest
from tfrecord_files import crc32c, framed

from samjax.data.prepare.tfrecord import read_tfrecord
from samjax.errors import UserError

RECORDS = [b"", b"a", bytes(range(250, 256)) * 8]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "some.tfrecord"
    path.write_bytes(b"".join(map(framed, RECORDS)))
    return path


def test_the_independent_checksum_has_its_published_value():
    assert crc32c(b"123456789") == 0xE3069283


def test_records_come_back_in_order(path):
    assert list(read_tfrecord(path)) == RECORDS


def test_an_empty_file_has_no_record(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert list(read_tfrecord(tmp_path / "empty")) == []


def test_every_byte_that_changes_is_found(path):
    good = path.read_bytes()
    for at in range(len(good)):
        data = bytearray(good)
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        number = 0 if at < 16 else 1 if at < 33 else 2
        with pytest.raises(UserError, match=f"some.tfrecord: record {number} (is|has a) damaged"):
            list(read_tfrecord(path))


@pytest.mark.parametrize("kept", [1, 11, 12, 15, 17, 40, 16 * 3 + 48])
def test_a_truncated_file_is_told(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"record [0-2] is cut off"):
        list(read_tfrecord(path))
