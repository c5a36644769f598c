# Copyright the carryall authors.  See LICENSE.
"""Log lines: one an event, not to be forged, without secrets."""
from __future__ import absolute_import, division, print_function

import json
import logging
import re
import sys

import pytest

from carryall.core.logs import (JSONFormatter, LineFormatter, MAX_MESSAGE, ShortFormatter, escape,
                                get_logger, scrub)


def record(message, *args, **more):
    made = logging.LogRecord('carryall.web', logging.INFO, 'file', 1, message, args,
                             more.get('exc_info'))
    made.created = 1700000000.123
    return made


def test_a_record_becomes_a_line():
    assert LineFormatter().format(record('%s asked', 'x')) \
        == u'2023-11-14T22:13:20.123Z INFO    web: x asked'
    assert get_logger('web').name == 'carryall.web'


def test_a_record_becomes_a_json_object():
    line = JSONFormatter().format(record('a "b"\n%s', u'\xe9'))
    assert u'\n' not in line
    assert json.loads(line) == {'time': '2023-11-14T22:13:20.123Z', 'level': 'INFO',
                                'logger': 'web', 'message': u'a "b"\n\xe9'}


@pytest.mark.parametrize('hostile', [b'a\r\n2026 forged', b'\x1b[2Jgone', b'\x00\x07\x7f',
                                     u'a\u2028b', u'\x85', b'\x9b31m'])
def test_hostile_text_cannot_end_or_colour_a_line(hostile):
    line = LineFormatter().format(record('%s', escape(hostile)))
    assert not [char for char in line if ord(char) < 32 or 127 <= ord(char) < 160
                or char == u'\u2028'], repr(line)
    raw = LineFormatter().format(
        record('%s', hostile if not isinstance(hostile, bytes) else hostile.decode('latin-1')))
    assert u'\n' not in raw and u'\r' not in raw and u'\x1b' not in raw, repr(raw)


def test_a_traceback_is_indented_and_scrubbed():
    try:
        raise ValueError('password=hunter2\n2026 forged')
    except ValueError:
        made = record('failed', exc_info=sys.exc_info())
    lines = LineFormatter().format(made).split(u'\n')
    assert len(lines) > 2 and all(line.startswith(u'    ') for line in lines[1:]), lines
    assert u'hunter2' not in u''.join(lines)
    assert u'hunter2' not in JSONFormatter().format(made)


@pytest.mark.parametrize('text', [
    u'password=hunter2', u'Password: hunter2', u'Authorization: Basic hunter2',
    u'authorization: Bearer hunter2',
    u'{"token": "hunter2"}', u'?a=1&secret=hunter2&b=2', u"passwd='hunter2'"])
def test_secrets_are_scrubbed(text):
    assert u'hunter2' not in scrub(text) and u'***' in scrub(text), scrub(text)


def test_text_without_secrets_stays():
    for text in (u'the password is wrong', u'a=1&b=2', u'GET /token HTTP/1.1'):
        assert scrub(text) == text


def test_a_long_message_is_cut():
    line = LineFormatter().format(record('%s', 'x' * (MAX_MESSAGE * 3)))
    assert len(line) < MAX_MESSAGE + 200 and str(MAX_MESSAGE * 3) in line


def test_a_name_that_is_not_ours_stays_whole():
    made = record('x')
    made.name = 'asyncio'
    assert u' asyncio: x' in LineFormatter().format(made)
    made.name = 'carryall'
    assert u' carryall: x' in LineFormatter().format(made)


@pytest.mark.parametrize('octets, text', [
    (u'j\xfcrgen@\u4f8b.example'.encode('utf-8'), u'j\xfcrgen@\u4f8b.example'),
    (b'j\xfcrgen', u'j\xfcrgen'), (b'\xc3(', u'\xc3('),
    (b'\xc2\x9b0m', u'\\x9b0m'), (b'\xe2\x80\xa8x', u'\\u2028x'), (b'\x9bx\n', u'\\x9bx\\n')])
def test_octets_are_utf8_or_else_latin1_and_controls_are_escaped_in_both(octets, text):
    assert escape(octets) == text


@pytest.mark.parametrize('level, head', [(logging.INFO, u' run: x'),
                                         (logging.WARNING, u' warning run: x')])
def test_a_short_line_has_the_local_time_and_a_level_worth_a_look(level, head):
    record = logging.LogRecord('carryall.run', level, '', 0, 'x', (), None)
    assert re.match(u'[0-9]{2}:[0-9]{2}:[0-9]{2}%s$' % head, ShortFormatter().format(record))
