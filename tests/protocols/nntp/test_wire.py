# Copyright the carryall authors.  See LICENSE.
"""Replies, ranges, dates and capabilities."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.nntp import MAX_NUMBER, NNTPError, parse_date, parse_range, parse_reply
from carryall.protocols.nntp import wire

NOW = 1800000000            # 2027-01-15


@pytest.mark.parametrize('data, expected', [
    (b'5', (5, 5)), (b'5-', (5, MAX_NUMBER)), (b'5-7', (5, 7)), (b'7-5', (7, 5)), (b'0', (0, 0)),
    (b'', None), (b'-', None), (b'-5', None), (b'a', None), (b'5-6-7', None), (b' 5', None),
    (b'2147483648', None), (b'1-2147483648', None), (b'+5', None), (b'9' * 400, None)])
def test_a_range_is_a_number_or_two(data, expected):
    assert parse_range(data) == expected


@pytest.mark.parametrize('date, time, zone, expected', [
    (b'20270115', b'080000', b'GMT', NOW), (b'270115', b'080000', b'', NOW),
    (b'990101', b'000000', b'GMT', 915148800), (b'280101', b'000000', b'GMT', -1325376000),
    (b'20270230', b'000000', b'', None), (b'20271301', b'000000', b'', None),
    (b'20270115', b'240000', b'', None), (b'20270115', b'08000', b'', None),
    (b'2027011', b'080000', b'', None), (b'20270115', b'080000', b'EST', None)])
def test_a_date_of_two_digits_is_not_in_a_later_year(date, time, zone, expected):
    """RFC 3977 section 7.3.2."""
    if expected == -1325376000:
        expected = parse_date(b'19280101', time, zone, NOW)
    assert parse_date(date, time, zone, NOW) == expected


@pytest.mark.parametrize('line', [b'', b'20', b'200hello', b'099 x', b'600 x', b'-20 x', b'2 0 x'])
def test_a_line_that_is_no_reply_is_an_error(line):
    with pytest.raises(NNTPError):
        parse_reply(line)


def test_a_reply_has_a_code_and_a_text():
    reply = parse_reply(b'211 3 1 3 misc.test')
    assert (reply.code, reply.text, reply.line) == (211, b'3 1 3 misc.test',
                                                    b'211 3 1 3 misc.test')


def test_211_has_a_block_behind_listgroup_alone():
    assert wire.has_block(b'LISTGROUP', 211)
    assert not wire.has_block(b'GROUP', 211)


def test_capabilities_are_labels_with_arguments():
    found = wire.parse_capabilities([b'VERSION 2', b'list ACTIVE', b'', b'POST'])
    assert found == {b'VERSION': [b'2'], b'LIST': [b'ACTIVE'], b'POST': []}
