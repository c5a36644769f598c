# Copyright the carryall authors.  See LICENSE.
"""Row readers: a row reads the same with a function of its own, and column by column."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.testing.dialogue import chunkings
from carryall.protocols.postgresql import PostgreSQLError
from carryall.protocols.postgresql.rowreader import best_formats, row_reader, skipped_rows
from carryall.protocols.postgresql.wire import BINARY, TEXT, message
from tests.protocols.postgresql.servermessages import row

COLUMNS = [(23, BINARY), (25, TEXT), (701, BINARY), (17, BINARY), (16, BINARY), (1700, TEXT)]
FIVE = struct.pack('!i', 5)
HALF = struct.pack('!d', 0.5)
FULL = row(FIVE, b'\xc3\xa4', HALF, b'\xff', b'\x01', b'1.5')
ROWS = [FULL, row(None, b'a', HALF, b'', b'\0', b'2'), row(FIVE, None, HALF, None, b'\0', None),
        row(FIVE, b'', None, b'', b'\x01', b'7'), row(*[None] * 6)]
READ = [(5, u'\xe4', 0.5, b'\xff', True, 1.5), (None, u'a', 0.5, b'', False, 2),
        (5, None, 0.5, None, False, None), (5, u'', None, b'', True, 7), (None,) * 6]


def rows_of(reader, octets):
    """The rows of octets, and the place behind the last."""
    rows = []
    place = reader(octets, 0, len(octets), rows.append)
    return rows, place


@pytest.mark.parametrize('often', [False, True])
@pytest.mark.parametrize('behind', [b'', b'D', b'D\0\0\0\x20\0\x06', message(b'C', b'x'),
                                    message(b'Z', b'I') * 9])
def test_rows_are_read_up_to_what_is_none(often, behind):
    octets = b''.join(ROWS)
    found = rows_of(row_reader(COLUMNS, often), octets + behind)
    assert found == (READ, len(octets))


@pytest.mark.parametrize('often', [False, True])
def test_rows_are_read_at_every_chunking(often):
    reader = row_reader(COLUMNS, often)
    for name, pieces in chunkings(FULL + ROWS[1] + ROWS[4], cuts=1):
        held = b''
        rows = []
        for piece in pieces:
            held += piece
            held = held[reader(held, 0, len(held), rows.append):]
        assert rows == [READ[0], READ[1], READ[4]], name


@pytest.mark.parametrize('columns, octets, values', [
    ([], row(), ()), ([(23, BINARY)], row(FIVE), (5,)), ([(25, TEXT)], row(b'a'), (u'a',)),
    ([(25, TEXT), (25, TEXT)], row(b'a', b'b'), (u'a', u'b')),
    ([(23, TEXT), (23, BINARY)], row(b'7', FIVE), (7, 5)),
    ([(99999, BINARY), (99999, TEXT)], row(b'\xff', b'a'), (b'\xff', u'a')),
    ([(23, BINARY)] * 101, row(*[FIVE] * 101), (5,) * 101)])
@pytest.mark.parametrize('often', [False, True])
def test_columns_of_all_kinds_are_read(often, columns, octets, values):
    assert rows_of(row_reader(columns, often), octets * 2) == ([values] * 2, 2 * len(octets))


@pytest.mark.parametrize('body', [
    b'', b'\0', b'\0\x06', b'\0\x05' + FULL[7:], b'\0\x07' + FULL[7:], FULL[5:-1], FULL[5:] + b'x',
    FULL[5:].replace(b'\0\0\0\x02\xc3', b'\0\0\0\x03\xc3'),
    FULL[5:].replace(b'\xc3\xa4', b'\xff\xff'),
    FULL[5:].replace(b'\0\0\0\x02\xc3', b'\x7f\xff\xff\xff\xc3'),
    FULL[5:].replace(b'\0\0\0\x02\xc3', b'\xff\xff\xff\xfe\xc3'),
    FULL[5:].replace(b'\0\0\0\x08', b'\0\0\0\x09'), FULL[5:].replace(b'\0\0\0\x08', b'\0\0\0\x07'),
    FULL[5:].replace(b'1.5', b'x.y')])
@pytest.mark.parametrize('often', [False, True])
@pytest.mark.parametrize('behind', [b'', FULL])
def test_a_row_that_is_none_is_refused(often, body, behind):
    with pytest.raises(PostgreSQLError):
        rows_of(row_reader(COLUMNS, often), FULL + message(b'D', body) + behind)


@pytest.mark.parametrize('often', [False, True])
def test_a_length_below_four_is_never_read_for_ever(often):
    try:
        place = rows_of(row_reader(COLUMNS, often), b'D\0\0\0\x03' + FULL)[1]
    except PostgreSQLError:
        place = 0
    assert place == 0


def test_rows_that_nothing_wants_are_skipped():
    octets = FULL + b'D\0\0\0\x05x' + message(b'C', b'')
    assert rows_of(skipped_rows, octets) == ([], len(FULL) + 6)


def test_a_row_with_a_false_length_is_not_skipped():
    assert rows_of(skipped_rows, b'D\0\0\0\x03' + FULL) == ([], 0)


def test_best_formats_go_by_the_types():
    columns = [(u'a', 23, TEXT), (u'b', 25, TEXT), (u'c', 1700, TEXT), (u'd', 1007, TEXT)]
    assert best_formats(columns) == [BINARY, TEXT, TEXT, BINARY]
