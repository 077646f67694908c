"""Checksums are those of the whole file."""

import hashlib

from samjax.files.checksum import checksum, sha256


def test_digests_are_hashlibs(tmp_path):
    data = bytes(range(256)) * 5000  # more than a block
    path = tmp_path / "file"
    path.write_bytes(data)
    assert sha256(path) == hashlib.sha256(data).hexdigest()
    assert checksum(path, "md5") == hashlib.md5(data).hexdigest()
