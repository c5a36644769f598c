# Copyright the carryall authors.  See LICENSE.
"""The errors as text."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost, Refused, RemoteProtocolError


def test_an_error_has_native_text():
    assert str(Refused(u'nobody there')) == 'nobody there'
    assert isinstance(str(Refused(u'caf\xe9')), str) and len(str(Refused(u'caf\xe9'))) >= 4


def test_errors_carry_cause_and_reply():
    cause = KeyError()
    assert ConnectionLost(u'x', cause).cause is cause
    assert RemoteProtocolError(u'for the log', reply=b'500 no').reply == b'500 no'
