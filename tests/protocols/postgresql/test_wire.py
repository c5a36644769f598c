# Copyright the carryall authors.  See LICENSE.
"""The messages of PostgreSQL."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import DataError, ProgrammingError, UniqueViolation
from carryall.core.testing.dialogue import chunkings
from carryall.protocols.postgresql import PostgreSQLError
from carryall.protocols.postgresql.errors import server_error
from carryall.protocols.postgresql.wire import (BINARY, NULL, TEXT, VERSION_3_2, Framing,
                                                MessageCursor, bind, bind_head, bind_tail,
                                                cancel_request, copied, copied_lines, data_row,
                                                error_fields, message, negotiated_version, parse,
                                                row_description, startup, value)
from tests.protocols.postgresql import servermessages

STREAM = message(b'Z', b'I') + message(b'1', b'') + message(b'D', b'x' * 300)


def test_a_stream_is_cut_into_messages_at_every_chunking():
    for name, pieces in chunkings(STREAM):
        framing = Framing(1000)
        found = [each for piece in pieces for each in framing.feed(piece)]
        assert found == [(b'Z', b'I'), (b'1', b''), (b'D', b'x' * 300)], name


@pytest.mark.parametrize('length', [b'\0\0\0\x03', b'\xff\xff\xff\xff', b'\0\0\x04\x01'])
def test_an_impossible_length_is_refused(length):
    with pytest.raises(PostgreSQLError):
        Framing(1024).feed(b'D' + length)


def test_startup_has_the_version_and_the_parameters():
    assert startup([(u'user', u'a')]) == b'\0\0\0\x10\0\x03\0\0user\0a\0\0'


def test_a_request_to_cancel_has_the_key():
    assert cancel_request(7, b'secr') == b'\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07secr'


def test_parse_has_the_text_and_the_types():
    assert parse(u'A', [23]) == b'P\0\0\0\x0d\0A\0\0\x01\0\0\0\x17'


def test_bind_has_the_values():
    assert bind(bind_head([TEXT, TEXT]), [NULL, value(b'x')]) == (
        b'B\0\0\0\x15\0\0\0\0\0\x02\xff\xff\xff\xff\0\0\0\x01x\0\0')


@pytest.mark.parametrize('formats, head, tail', [
    ([], b'\0\0\0\0\0\0', b'\0\0'), ([TEXT], b'\0\0\0\0\0\x01', b'\0\0'),
    ([BINARY, BINARY], b'\0\0\0\x02\0\x01\0\x01\0\x02', b'\0\x01\0\x01'),
    ([TEXT, BINARY], b'\0\0\0\x02\0\0\0\x01\0\x02', b'\0\x02\0\0\0\x01')])
def test_bind_has_the_formats(formats, head, tail):
    assert (bind_head(formats), bind_tail(formats)) == (head, tail)


def test_startup_can_ask_for_a_newer_version():
    assert startup([], VERSION_3_2)[4:8] == b'\0\x03\0\x02'


def test_a_version_is_negotiated():
    assert negotiated_version(b'\0\0\0\0\0\0\0\x01_pq_.x\0') == (0, [u'_pq_.x'])


@pytest.mark.parametrize('body', [b'', b'\0\0\0\0', b'\0\0\0\0\0\0\0\x01', b'\0\0\0\0\xff\0\0\0'])
def test_a_negotiation_that_is_none_is_refused(body):
    with pytest.raises(PostgreSQLError):
        negotiated_version(body)


LINES = [b'1\tanna\n', b'\n', b'd\tx\n' * 3, b'y' * 300 + b'\n', b'last\n']


@pytest.mark.parametrize('cut', [copied, copied_lines])
@pytest.mark.parametrize('behind', [b'', message(b'c', b''), b'd\0\0', b'd\0\0\0\x09abc',
                                    message(b'N', b'x\nd\0\0\0\x09\0')])
def test_the_lines_of_a_copy_are_cut_out(cut, behind):
    whole = b''.join(message(b'd', line) for line in LINES)
    pieces, place = cut(b'xx' + whole + behind, 2, len(whole + behind) + 2)
    assert (b''.join(pieces), place) == (b''.join(LINES), len(whole) + 2)


@pytest.mark.parametrize('cut', [copied, copied_lines])
@pytest.mark.parametrize('lengths', [[9] * 15, [9] * 16, [9] * 300 + [8] * 20, [1] * 40,
                                     [300] * 40 + [9] * 5 + [300] * 40, [9] * 700 + [12] * 700])
@pytest.mark.parametrize('behind', [b'', message(b'c', b''), b'd\0\0\0\x0dabc', b'd\0\0'])
def test_lines_of_one_length_are_cut_out(cut, lengths, behind):
    lines = [(u'%05d' % number).encode('ascii') * 100 for number in range(len(lengths))]
    lines = [line[:length - 1] + b'\n' for line, length in zip(lines, lengths)]
    whole = b''.join(message(b'd', line) for line in lines)
    pieces, place = cut(whole + behind, 0, len(whole + behind))
    assert (b''.join(pieces), place) == (b''.join(lines), len(whole))


def test_long_lines_of_a_copy_are_cut_out():
    lines = [b'1\n', b'x' * 70000 + b'\n', b'2\n']
    whole = b''.join(message(b'd', line) for line in lines)
    pieces, place = copied_lines(whole, 0, len(whole))
    assert (b''.join(pieces), place) == (b''.join(lines), len(whole))


@pytest.mark.parametrize('length', [b'\0\0\0\x03', b'\0\0\0\x07', b'\xff\xff\xff\xff'])
def test_lines_of_false_lengths_are_read_one_by_one(length):
    octets = b'd' + length + b'abc\n' + message(b'd', b'd\n') * 2
    assert copied_lines(octets, 0, len(octets)) == copied(octets, 0, len(octets))


def test_a_statement_with_a_nul_is_refused():
    with pytest.raises(ProgrammingError):
        parse(u'A\0', [])


def test_columns_have_names_and_types():
    assert row_description(servermessages.columns((b'n', 23), (b'b', 25))[5:]) == [
        (u'n', 23, TEXT), (u'b', 25, TEXT)]


def test_a_column_of_an_unknown_format_is_refused():
    with pytest.raises(PostgreSQLError):
        row_description(servermessages.columns((b'n', 23))[5:-1] + b'\x02')


def test_a_row_has_values():
    body = servermessages.row(b'5', None, b'x')[5:]
    assert data_row(body, 0, len(body), [int, int, bytes]) == (5, None, b'x')


@pytest.mark.parametrize('body', [b'', b'\0\x01', b'\0\x01\0\0\0\x09x', b'\0\x01\0\0\0\x01x',
                                  servermessages.row(b'5', b'6')[5:]])
def test_a_row_that_is_none_is_refused(body):
    with pytest.raises(PostgreSQLError):
        data_row(body, 0, len(body), [int])


def test_an_error_has_fields():
    fields = error_fields(servermessages.error(b'23505')[5:])
    assert fields == {b'S': u'ERROR', b'C': u'23505', b'M': u'no'}


@pytest.mark.parametrize('body', [b'', b'SERROR', b'SERROR\0'])
def test_an_error_without_an_end_is_refused(body):
    with pytest.raises(PostgreSQLError):
        error_fields(body)


def test_the_error_of_a_state_has_its_class():
    assert type(server_error({b'C': u'23505', b'M': u'no'})) is UniqueViolation


def test_an_error_shows_the_detail():
    assert server_error({b'M': u'no', b'D': u'more'}).message == u'no (more)'


def test_a_cursor_ends_with_its_message():
    with pytest.raises(PostgreSQLError):
        MessageCursor(b'\0\0').word()
