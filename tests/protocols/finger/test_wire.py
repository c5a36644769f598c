# Copyright the carryall authors.  See LICENSE.
"""Finger's grammar (RFC 1288): queries, and text that cannot hurt a terminal."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.finger import format_query, parse_query


@pytest.mark.parametrize('line, user, hosts, long', [
    (b'', b'', [], False), (b'/W', b'', [], True), (b'ann', b'ann', [], False),
    (b'/W ann', b'ann', [], True), (b'/w  ann ', b'ann', [], True),
    (b'ann@host', b'ann', [b'host'], False), (b'@host', b'', [b'host'], False),
    (b'/W ann@one@two', b'ann', [b'one', b'two'], True),
    (b'/Wann', b'/Wann', [], False)])
def test_queries_are_parsed_and_written(line, user, hosts, long):
    query = parse_query(line)
    assert (query.user, query.hosts, query.verbose) == (user, hosts, long)
    again = parse_query(format_query(query)[:-2])
    assert (again.user, again.hosts, again.verbose) == (user, hosts, long)


@pytest.mark.parametrize('line', [b'two words', b'/W a b', b'ann@', b'a@@b', b'a@1@2@3@4@5',
                                  b'a\0b', b'a\x1bb', b'ann\x7f'])
def test_a_bad_query_is_none(line):
    assert parse_query(line) is None
