# Copyright the carryall authors.  See LICENSE.
"""The system's log can be opened and written to; its readers are not tested here."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Unsupported
from carryall.runtimes.host.systemlog import open_system_log
from tests.support import interpreter


@pytest.mark.skipif(not interpreter.BARE, reason='this interpreter can call the C library')
def test_a_java_that_cannot_call_the_c_library_says_so():
    with pytest.raises(Unsupported) as caught:
        open_system_log('carryall-test')
    assert 'libjffi-jni' in caught.value.message


@pytest.mark.skipif(interpreter.BARE, reason='nothing calls the C library on this Java')
def test_any_text_can_be_written():
    """Text of any kind, with what looks like a format in it;
    where no one listens it is lost without a word."""
    write = open_system_log('carryall-test')
    for line in (u'plain', u'caf\xe9 \u20ac', u'%s %n %d', u''):
        assert write(7, line) is None
