# Copyright the carryall authors.  See LICENSE.
"""The messages of PostgreSQL."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import DataError, ProgrammingError, UniqueViolation
from carryall.core.testing.dialogue import chunkings
from carryall.protocols.postgresql import PostgreSQLError
from carryall.protocols.postgresql.errors import server_error
from carryall.protocols.postgresql.wire import (Framing, MessageCursor, bind, cancel_request,
                                                data_row, error_fields, message, parse,
                                                row_description, startup)
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
    assert bind([None, b'x']) == b'B\0\0\0\x15\0\0\0\0\0\x02\xff\xff\xff\xff\0\0\0\x01x\0\0'


def test_a_statement_with_a_nul_is_refused():
    with pytest.raises(ProgrammingError):
        parse(u'A\0', [])


def test_columns_have_names_and_types():
    assert row_description(servermessages.columns((b'n', 23), (b'b', 25))[5:]) == [
        (u'n', 23), (u'b', 25)]


def test_a_row_has_values():
    body = servermessages.row(b'5', None, b'x')[5:]
    assert data_row(body, [int, int, bytes]) == (5, None, b'x')


@pytest.mark.parametrize('body', [b'', b'\0\x01', b'\0\x01\0\0\0\x09x', b'\0\x01\0\0\0\x01x',
                                  servermessages.row(b'5', b'6')[5:]])
def test_a_row_that_is_none_is_refused(body):
    with pytest.raises(PostgreSQLError):
        data_row(body, [int])


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
