# Copyright the carryall authors.  See LICENSE.
"""Lines with the tags that each client has asked for."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc.taggedlines import (ACCOUNT_TAG, BATCH, SASL, SERVER_TIME, Event,
                                                capability_names)

EVENT = Event(b':ann QUIT\r\n', [(SERVER_TIME, b'time', b'1'), (ACCOUNT_TAG, b'account', b'a b')])


@pytest.mark.parametrize('capabilities, line', [
    (0, b':ann QUIT\r\n'), (BATCH, b':ann QUIT\r\n'),
    (SERVER_TIME, b'@time=1 :ann QUIT\r\n'), (SERVER_TIME | BATCH, b'@time=1 :ann QUIT\r\n'),
    (ACCOUNT_TAG, b'@account=a\\sb :ann QUIT\r\n'),
    (SERVER_TIME | ACCOUNT_TAG, b'@account=a\\sb;time=1 :ann QUIT\r\n')])
def test_a_line_has_the_tags_of_the_capabilities(capabilities, line):
    assert EVENT.line_for(capabilities) == line


def test_a_line_is_spelled_once():
    assert EVENT.line_for(SERVER_TIME) is EVENT.line_for(SERVER_TIME | BATCH)


def test_capabilities_have_names():
    assert capability_names(SASL | BATCH) == [b'batch', b'sasl']
