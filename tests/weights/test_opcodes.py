"""Pickles are read as data: what needs no more is built, everything else is refused."""

import io
import pickle
import pickletools
from collections import OrderedDict

import pytest

from samjax.weights.opcodes import Call, Name, NotData, read_pickle


@pytest.mark.parametrize("protocol", range(2, 6))  # PyTorch writes 2
def test_data_are_what_pickle_gives(protocol):
    shared = ["in two places"]
    value = {"a": [1, -2.5, None, True], "b": ((), ("x",), shared), 3: shared, "n": 1 << 70}
    data = pickle.dumps(value, protocol)
    stream = io.BytesIO(data + b"behind")
    assert read_pickle(stream) == value
    assert stream.read() == b"behind"


def test_an_ordered_dict_is_a_dict():
    assert read_pickle(io.BytesIO(pickle.dumps(OrderedDict(a=1), 2))) == {"a": 1}


def test_a_call_is_only_noted():
    data = pickle.dumps(io.BytesIO, 2)
    assert read_pickle(io.BytesIO(data)) == Name("_io", "BytesIO")
    called = read_pickle(io.BytesIO(b"\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truet\x52."))
    assert called == Call(Name("os", "system"), ("true",))


def test_other_opcodes_are_refused():
    refused = {"INST", "OBJ", "EXT1", "EXT2", "EXT4", "PERSID", "BYTEARRAY8"}
    for opcode in pickletools.opcodes:
        if opcode.name in refused:
            with pytest.raises(NotData):
                read_pickle(io.BytesIO(b"\x80\x02" + opcode.code.encode("latin1") + b"\0" * 8))


def test_a_deep_pickle_neither_crashes_nor_recurses(tmp_path):
    deep = b"\x80\x02)" + b"\x85" * 100_000
    with pytest.raises(NotData):
        read_pickle(io.BytesIO(deep))
    with pytest.raises(NotData):  # as a key, which would have to be hashed
        read_pickle(io.BytesIO(b"\x80\x02}" + deep[2:] + b"K\x01s."))
