# Copyright the carryall authors.  See LICENSE.
"""Records and pairs of FastCGI: there and back, cut anywhere, and malformed ones."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.fastcgi import FastCGIError, RecordReader, format_pairs, parse_pairs
from carryall.protocols.fastcgi import wire
from tests.protocols.http.ids import short


@pytest.mark.parametrize('octets, record', [
    (b'\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00',
     (wire.BEGIN_REQUEST, 1, b'\x00\x01\x01\x00\x00\x00\x00\x00')),
    (b'\x01\x05\x01\x02\x00\x03\x05\xffabc\xff\xff\xff\xff\xff', (wire.STDIN, 0x0102, b'abc')),
    (b'\x01\x04\x00\x01\x00\x00\x00\x00', (wire.PARAMS, 1, b''))], ids=short)
@pytest.mark.parametrize('step', [1, 3, 100])
def test_a_record_is_read_however_it_is_cut(octets, record, step):
    """FastCGI section 3.3."""
    reader = RecordReader()
    found = []
    for at in range(0, len(octets), step):
        found += reader.receive_data(octets[at:at + step])
    assert found == [record]
    assert reader.is_empty()


@pytest.mark.parametrize('size', [0, 1, 7, 8, 65528, 65529, 200000])
def test_a_stream_comes_back(size):
    data = bytes(bytearray(number % 251 for number in range(size)))
    records = list(RecordReader().receive_data(wire.format_stream(wire.STDOUT, 7, data)))
    assert b''.join(content for _, _, content in records) == data
    assert set(each[:2] for each in records) <= set([(wire.STDOUT, 7)])


def test_a_record_is_a_multiple_of_eight():
    assert len(wire.format_record(wire.STDOUT, 1, b'abc')) == 16


def test_another_version_is_refused():
    with pytest.raises(FastCGIError):
        list(RecordReader().receive_data(b'\x02' + b'\0' * 7))


PAIRS = [(b'A', b'1'), (b'EMPTY', b''), (b'LONG', b'x' * 127), (b'LONGER', b'x' * 128),
         (b'N' * 200, b'y' * 70000)]


def test_pairs_come_back():
    """FastCGI section 3.4."""
    assert parse_pairs(format_pairs(PAIRS)) == PAIRS


def test_the_lengths_of_pairs_are_those_of_the_specification():
    assert format_pairs([(b'ab', b'x' * 128)])[:7] == b'\x02\x80\x00\x00\x80ab'


@pytest.mark.parametrize('data', [b'\x01', b'\x80', b'\x01\x80\x00', b'\x01\x01a', b'\x80\x00\x00',
                                  b'\xff\xff\xff\xff\x00a'], ids=short)
def test_pairs_that_end_early_are_refused(data):
    with pytest.raises(FastCGIError):
        parse_pairs(data)


@pytest.mark.parametrize('read', [wire.parse_begin, wire.parse_end])
def test_a_content_of_another_length_is_refused(read):
    with pytest.raises(FastCGIError):
        read(b'\0' * 7)


def test_the_end_of_a_request_is_read_without_its_garbage():
    """PHP leaves the reserved octets as they are."""
    assert wire.parse_end(b'\0\0\0\x07\x01\xff\xee\xdd') == (7, wire.CANT_MPX_CONN)
