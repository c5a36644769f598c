# Copyright the carryall authors.  See LICENSE.
"""The whois server (RFC 3912)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import play
from tests.protocols.whois.records import serving


@pytest.mark.parametrize('asked, answer', [
    (b'example.org\r\n', b'domain: example.org\r\n'),
    (b'  two words @ host \r\n', b'No match for two words @ host.\r\n'),
    (b'\r\n', b'The query cannot be understood.\r\n'),
    (b'a\x1bb\r\n', b'The query cannot be understood.\r\n'),
    (b'x' * 600 + b'\r\n', b'The query is too long.\r\n')])
def test_answers_however_the_query_is_cut(asked, answer):
    play(lambda loop: serving(loop, example_org=u'domain: example.org\n'), asked, answer)
