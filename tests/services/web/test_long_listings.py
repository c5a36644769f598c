# Copyright the carryall authors.  See LICENSE.
"""Long listings and large compressed files are made over many turns (law L21), and are the same as
those made at once.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.turns import Turns
from carryall.protocols.http import Site
from tests.services.web.support import ask, body_of, request, site

FILES = 701
TICK = 0.0002               # seconds that pass whenever somebody looks at the clock


def ticking_loop():
    """A loop whose turns see time pass by being looked at."""
    loop = VirtualLoop()
    now = [0.0]

    def tick():
        now[0] += TICK
        return now[0]

    loop.turns = Turns(tick, loop.call_soon, loop.report_failure)
    return loop


def turns_until(loop, future):
    """How many turns it takes."""
    count = 0
    while not future.done():
        done = Future()
        loop.call_soon(done.set_result, None)
        loop.run_until(done)
        count += 1
        assert count < 10000
    return count


def fill(folder, count=FILES):
    for number in range(count):
        folder.join('file %d.txt' % (number * 7 % count)).write('x' * (number % 10))
    folder.mkdir('a folder')
    folder.mkdir('Z folder')


@pytest.mark.parametrize('symlinks', ['follow', 'owner'])
@pytest.mark.parametrize('query',
                         [b'', b'?order=desc', b'?sort=size', b'?sort=size&order=desc',
                          b'?format=json', b'?sort=modified'])
def test_a_long_listing_is_made_over_many_turns(tmpdir, query, symlinks):
    fill(tmpdir)
    loop = ticking_loop()
    at_once = ask(site(tmpdir, listing=True, symlinks=symlinks), b'/' + query)[2]
    future = site(tmpdir, listing=True, symlinks=symlinks, turns=loop.turns)(request(b'/' + query))
    assert isinstance(future, Future)
    assert turns_until(loop, future) > FILES // 100
    assert body_of(future.result()) == at_once
    assert at_once.count(b'file ') >= FILES


def test_a_short_listing_is_made_at_once(tmpdir):
    fill(tmpdir, 10)
    app = site(tmpdir, listing=True, turns=ticking_loop().turns)
    assert ask(app, b'/')[0] == 200


def test_an_abandoned_long_listing_is_given_up(tmpdir):
    fill(tmpdir)
    loop = ticking_loop()
    served = Site(site(tmpdir, listing=True, symlinks='owner', turns=loop.turns), loop)
    wire = FakeTransport(loop).connect(served())
    wire.feed(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert not wire.take()
    wire.lose()
    loop.advance(1.0)
    assert not loop.failures
    assert not loop.turns._waiting


def test_a_large_file_is_compressed_over_many_turns(tmpdir):
    """Its octets all but vanish, so that the peer never is what is waited for."""
    tmpdir.join('zeros.txt').write('0' * (4 << 20))
    loop = ticking_loop()
    served = Site(site(tmpdir, gzip=True, turns=loop.turns), loop)
    wire = FakeTransport(loop).connect(served())
    wire.feed(b'GET /zeros.txt HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n')
    ended = Future()

    def look():
        if wire.written.endswith(b'0\r\n\r\n'):
            ended.set_result(None)
        else:
            loop.call_soon(look)

    look()
    assert turns_until(loop, ended) > 50
    assert b'Content-Encoding: gzip' in wire.take()
