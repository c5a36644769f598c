# Copyright the carryall authors.  See LICENSE.
"""The finger client (RFC 1288)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Refused
from carryall.core.testing import VirtualLoop, lockstep, pump
from carryall.protocols.finger import FingerClient, Query, fetch
from tests.protocols.finger.directory import serving


@pytest.mark.parametrize('talk', [pump, lockstep])
def test_client_against_server(talk):
    loop = VirtualLoop()
    client = FingerClient(Query(b'ann', (), True))
    talk(client, serving(loop), loop)
    assert client.answer.result() == b'Ann\r\nlong\r\n'


def test_fetch_gives_the_answer():
    loop = VirtualLoop()
    loop.listen_tcp(lambda: serving(loop), '192.0.2.5', 79)
    assert loop.run_until(fetch(loop, Query(b'ann'), '192.0.2.5')) == b'Ann\n'
    with pytest.raises(Refused):
        loop.run_until(fetch(loop, Query(b'ann'), '192.0.2.6'))
