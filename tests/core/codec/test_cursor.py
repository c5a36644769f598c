# Copyright the carryall authors.  See LICENSE.
"""Binary fields, read and written."""
from __future__ import absolute_import, division, print_function

import binascii

import pytest

from carryall.core.codec.cursor import Cursor, Writer
from carryall.core.errors import LocalProtocolError, RemoteProtocolError

MESSAGE = '01 0203 04050607 08090a0b0c0d0e0f 03 616263 0002 6465 ff'


def octets(text):
    return binascii.unhexlify(text.replace(' ', ''))


def read(data):
    cursor = Cursor(data)
    fields = [cursor.uint8(), cursor.uint16(), cursor.uint32(), cursor.uint64(), cursor.counted(1),
              cursor.counted(2), cursor.rest()]
    cursor.check_end()
    return fields


def test_written_fields_are_read_again():
    fields = read(octets(MESSAGE))
    assert fields == [1, 0x0203, 0x04050607, 0x08090a0b0c0d0e0f, b'abc', b'de', b'\xff']
    writer = Writer().uint8(fields[0]).uint16(fields[1]).uint32(fields[2]).uint64(fields[3])
    assert writer.counted(b'abc', 1).counted(b'de', 2).raw(b'\xff').finish() == octets(MESSAGE)
    assert len(writer) == len(octets(MESSAGE))


def test_truncated_at_every_length():
    whole = octets(MESSAGE)[:-1]
    for length in range(len(whole)):
        with pytest.raises(RemoteProtocolError):
            read(whole[:length])
            pytest.fail('%d octets are enough' % length)


def test_restrict_bounds_and_demands_all():
    cursor = Cursor(b'\x01\x02\x03\x04')
    with cursor.restrict(2):
        assert len(cursor) == 2 and cursor.rest() == b'\x01\x02'
    assert cursor.uint8() == 3 and cursor.peek(9) == b'\x04'
    with pytest.raises(RemoteProtocolError):
        with cursor.restrict(2):
            pass
    with pytest.raises(RemoteProtocolError):
        with Cursor(b'abc').restrict(2):
            pass
    with pytest.raises(RemoteProtocolError):
        Cursor(b'abc').check_end()


def test_numbers_that_do_not_fit_are_refused():
    for method, limit in (('uint8', 1 << 8), ('uint16', 1 << 16), ('uint32', 1 << 32),
                          ('uint64', 1 << 64)):
        getattr(Writer(), method)(limit - 1)
        for wrong in (limit, -1):
            with pytest.raises(LocalProtocolError):
                getattr(Writer(), method)(wrong)
    with pytest.raises(LocalProtocolError):
        Writer().counted(b'x' * 256, 1)
