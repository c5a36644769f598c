# Copyright the carryall authors.  See LICENSE.
"""The whois client (RFC 3912)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.testing import VirtualLoop, lockstep
from carryall.protocols import whois
from carryall.protocols.whois import WhoisClient, follow
from tests.protocols.whois.records import serving


def test_client_against_server():
    loop = VirtualLoop()
    client = WhoisClient(b'example.org')
    lockstep(client, serving(loop, example_org=u'found'), loop)
    assert client.answer.result() == b'found\r\n'


@pytest.mark.parametrize('text', [b'', b'a\r\nb', b'a\nb', b'x' * 600])
def test_a_bad_query_is_not_sent(text):
    with pytest.raises(LocalProtocolError):
        whois.fetch(VirtualLoop(), text, '192.0.2.1')


def test_a_referral_is_followed():
    loop = VirtualLoop({'one.example': ['192.0.2.1'], 'two.example': ['192.0.2.2']})
    loop.listen_tcp(lambda: serving(loop, x=u'refer: two.example'), '192.0.2.1', 43)
    loop.listen_tcp(lambda: serving(loop, x=u'whois: one.example\nthe end'), '192.0.2.2', 43)
    found = loop.run_until(follow(loop, b'x', 'one.example'))
    assert [(host, port) for host, port, _ in found] == [('one.example', 43),
                                                         ('two.example', 43)], 'round and round'
    assert b'the end' in found[1][2]
