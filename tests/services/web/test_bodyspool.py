# Copyright the carryall authors.  See LICENSE.
"""Bodies of unknown length: collected, counted, read again."""
from __future__ import absolute_import, division, print_function

import io
import tempfile

import pytest

from carryall.core.allowance import SMALL, Allowance
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.net.transport import Address
from carryall.protocols.http import Body, Headers, HTTPError
from carryall.services.web.bodyspool import MEMORY_BYTES, Spool, collect


def body(*pieces):
    """A Body that has come."""
    made = Body()
    for piece in pieces:
        made.feed(piece)
    made.end(Headers())
    return made


@pytest.mark.parametrize('pieces', [[], [b'short'], [b'x' * MEMORY_BYTES, b'y' * MEMORY_BYTES]],
                         ids=['none', 'short', 'long'])
def test_a_body_can_be_read_again_with_its_length(pieces):
    spool = collect(body(*pieces)).result()
    assert spool.length == len(b''.join(pieces))
    found = b''
    while True:
        piece = spool.read(1000).result()
        if not piece:
            break
        found += piece
    assert found == b''.join(pieces)
    spool.close()


def test_a_body_that_breaks_is_no_body():
    made = Body()
    collected = collect(made)
    made.feed(b'begun')
    made.fail(ConnectionLost(u'gone'))
    assert isinstance(collected.exception(), ConnectionLost)


def test_a_closed_spool_cannot_be_read():
    spool = Spool()
    spool.close()
    spool.close()
    assert isinstance(spool.read().exception(), LocalProtocolError)


def test_a_full_disk_has_its_status():
    class Full(object):
        """A file without room."""

        def write(self, data):
            """Fails."""
            raise IOError(28, 'No space left on device')

        def close(self):
            """Does nothing."""

    spool = Spool()
    spool.close()
    spool.file = Full()
    with pytest.raises(HTTPError) as caught:
        spool.append(b'x')
    assert caught.value.reply == 507


def test_a_lack_of_descriptors_has_its_status(monkeypatch):
    def no_file():
        """Fails."""
        raise OSError(24, 'Too many open files')

    monkeypatch.setattr(tempfile, 'TemporaryFile', no_file)
    collected = collect(body(b'x' * (MEMORY_BYTES + 1)))
    assert collected.exception().reply == 503


def test_a_long_body_is_on_the_disk():
    spool = collect(body(b'x' * MEMORY_BYTES, b'y')).result()
    assert not isinstance(spool.file, io.BytesIO)
    assert spool.file.readline() == b'x' * MEMORY_BYTES + b'y'
    spool.close()


def test_a_body_beyond_the_share_of_its_source_is_503():
    allowance = Allowance(100 + SMALL)
    account = allowance.account(Address('192.0.2.1', 5))
    collected = collect(body(b'x' * (SMALL + 3000)), Spool(account))
    assert collected.exception().reply == 503
    assert allowance.held == 0


def test_a_closed_spool_gives_its_share_back():
    allowance = Allowance(100000)
    spool = Spool(allowance.account(Address('192.0.2.1', 5)))
    collect(body(b'x' * 20000), spool)
    assert allowance.held == 20000 - SMALL
    spool.close()
    assert allowance.held == 0
