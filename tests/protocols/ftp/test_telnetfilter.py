# Copyright the carryall authors.  See LICENSE.
"""Telnet in the control connection (RFC 959 section 4.1, RFC 1123 section 4.1.2.12)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import chunkings
from carryall.protocols.ftp.telnetfilter import TelnetFilter, without_marks
from tests.protocols.ftp.stage import Talk, codes

IP_DM = b'\xff\xf4\xff\xf2'


@pytest.mark.parametrize('data, text, answer', [
    (b'NOOP\r\n', b'NOOP\r\n', b''), (IP_DM + b'ABOR\r\n', b'ABOR\r\n', b''),
    (b'\xff\xf4\xffABOR', b'ABOR', b''),
    (b'a\xff\xffb', b'a\xffb', b''), (b'\xff\xfd\x01NOOP', b'NOOP', b'\xff\xfc\x01'),
    (b'\xff\xfb\x03NOOP', b'NOOP', b'\xff\xfe\x03'),
    (b'\xff\xfe\x03\xff\xfc\x03NOOP', b'NOOP', b''),
    (b'\xff\xfa\x18\x00xterm\xff\xffx\xff\xf0NOOP', b'NOOP', b''), (b'\xff\xf6NOOP', b'NOOP', b'')])
def test_the_filter_removes_telnet_at_every_chunking(data, text, answer):
    for name, pieces in chunkings(data):
        telnet = TelnetFilter()
        assert b''.join(telnet.feed(piece) for piece in pieces) == text, name
        assert telnet.answer == answer, name


@pytest.mark.parametrize('line', [b'ABOR', b'\xf2ABOR', b'\xf4\xf2ABOR', b'\xffABOR'])
def test_marks_in_front_of_a_command(line):
    """Whatever the system did with urgent data."""
    assert without_marks(line) == b'ABOR', line


def test_marks_elsewhere_stay():
    assert without_marks(b'RETR \xf2x') == b'RETR \xf2x', 'an octet of a name'


def test_a_flood_of_marks_is_taken_in_many_turns():
    """Law L21: what Telnet has between the commands takes time, too,
    and the commands come in order."""
    talk = Talk(login=False)
    talk.wire.feed(IP_DM * 3000 + b'PWD\r\n' + b'\xff\xf6' * 6000 + b'NOOP\r\n')
    assert not talk.wire.is_reading()
    assert talk.wire.take() == b''
    talk.wire.feed_eof()
    assert codes(talk.hear()) == [530, 200]
    assert talk.wire.ended


def test_an_option_is_refused_while_a_command_is_not_complete():
    talk = Talk(login=False)
    talk.wire.feed(b'NO\xff\xfd')
    talk.wire.feed(b'\x01')
    assert talk.hear() == b'\xff\xfc\x01'
    assert codes(talk.say(b'OP')) == [200]


def test_marks_behind_the_last_word_do_not_keep_the_end_of_the_client_from_being_seen():
    talk = Talk(login=False)
    talk.wire.feed(b'\xff\xf6\n' * 4000)
    assert codes(talk.hear())[-1] == 421
    assert talk.wire.is_reading()
