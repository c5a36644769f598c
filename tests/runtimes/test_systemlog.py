# Copyright the carryall authors.  See LICENSE.
"""The system's log can be opened and written to; who reads it is not ours."""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.systemlog import open_system_log


def test_write():
    """Text of any kind, with what looks like a format in it; where nobody listens it is lost without a word."""
    write = open_system_log('carryall-test')
    for line in (u'plain', u'caf\xe9 \u20ac', u'%s %n %d', u''):
        assert write(7, line) is None
