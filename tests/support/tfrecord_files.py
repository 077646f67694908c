"""Datasets written as TensorFlow does, in TFRecord files of tf.train.Example, byte by byte.

This is independent of the reader: the checksum is computed bit by bit, and messages are put
together by the wire format of protocol buffers.
"""

import json
import struct
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli), reflected, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def framed(data: bytes) -> bytes:
    """Return a record as it stands in a TFRecord file: length and data with their checksums."""

    def masked(part: bytes) -> bytes:
        crc = crc32c(part)
        return struct.pack("<I", ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) % 2**32)

    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(value: int) -> bytes:
    """Return a number in the variable-length code of protocol buffers."""
    value %= 2**64
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, data: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def feature(value: object) -> bytes:
    """Return a tf.train.Feature; its fields are bytes_list = 1, float_list = 2, int64_list = 3."""
    if isinstance(value, bytes):
        return field(1, field(1, value))
    flat = np.asarray(value).ravel()
    if flat.dtype.kind == "f":
        return field(2, field(1, flat.astype("<f4").tobytes()))
    return field(3, field(1, b"".join(varint(int(v)) for v in flat)))


def example(record: dict) -> bytes:
    """Return a tf.train.Example."""
    entries = [field(1, name.encode()) + field(2, feature(v)) for name, v in record.items()]
    return field(1, b"".join(field(1, entry) for entry in entries))


def write_dataset(
    folder: Path, name: str, features: tfds.features.FeaturesDict, shards: list[list[dict]]
) -> Path:
    """Write `folder`/NAME/1.0.0 with a train split in one file per shard, and return it."""
    directory = folder / name / "1.0.0"
    directory.mkdir(parents=True)
    features.save_config(directory)
    for i, records in enumerate(shards):
        file = directory / f"{name}-train.tfrecord-{i:05d}-of-{len(shards):05d}"
        file.write_bytes(b"".join(framed(example(record)) for record in records))
    split = {
        "name": "train",
        "shardLengths": [str(len(records)) for records in shards],
        "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
    }
    info = {"name": name, "version": "1.0.0", "fileFormat": "tfrecord", "splits": [split]}
    (directory / "dataset_info.json").write_text(
        json.dumps(info | {"citation": "Someone, 2020.", "description": "Theirs."})
    )
    return directory
