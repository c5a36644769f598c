# Copyright the carryall authors.  See LICENSE.
"""Quote of the day (RFC 865): the file, server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.testing import VirtualLoop, play
from carryall.protocols.simple import qotd
from carryall.protocols.simple.guarded import SourceGuard


@pytest.mark.parametrize('data, quotes', [
    (b'', []), (b'%\n%\n', []), (b'\n\n', []),
    (b'one\n', [b'one\r\n']), (b'one', [b'one\r\n']), (b'one\n%\n', [b'one\r\n']),
    (b'one\n%\ntwo\n lines  \n%\nthree\r\n', [b'one\r\n', b'two\r\n lines\r\n', b'three\r\n']),
    (b'100 % sure\n', [b'100 % sure\r\n']), (b'a\tb\n', [b'a    b\r\n']),
    (b'caf\xc3\xa9\n%\nplain\n', [b'plain\r\n']), (b'bell\x07\n%\nplain\n', [b'plain\r\n']),
    (b'x' * 510 + b'\n', [b'x' * 510 + b'\r\n']), (b'x' * 511 + b'\n%\nshort\n', [b'short\r\n'])])
def test_quotes_are_read_from_the_file(data, quotes):
    assert qotd.read_quotes(data) == quotes, 'read as %r' % qotd.read_quotes(data)


def test_our_own_quotes_keep_the_rules():
    for quote in qotd.OURS:
        assert qotd.read_quotes(quote) == [quote], 'the RFC does not allow %r' % quote


def test_each_is_drawn():
    book = qotd.QuoteBook([b'a\r\n', b'b\r\n'], random.Random(1))
    assert set(book.draw() for _ in range(100)) == set([b'a\r\n', b'b\r\n']), 'one is never drawn'
    assert qotd.QuoteBook([]).draw() in qotd.OURS, 'without quotes there are ours'


def test_server_at_every_chunking():
    play(lambda loop: qotd.Qotd(qotd.QuoteBook([b'a\r\n']), loop), b'\0\xffwhat', b'a\r\n',
         eof=True)


def test_fetch_over_both():
    loop = VirtualLoop()
    book = qotd.QuoteBook([b'a\r\nb\r\n'])
    loop.listen_tcp(lambda: qotd.Qotd(book, loop), '127.0.0.1', 1717)
    loop.open_udp(lambda: qotd.QotdDatagrams(SourceGuard(loop), book), '127.0.0.1', 1717)
    assert loop.run_until(qotd.fetch(loop, '127.0.0.1', 1717)) == b'a\r\nb\r\n', 'TCP'
    assert loop.run_until(qotd.fetch_udp(loop, '127.0.0.1', 1717)) == b'a\r\nb\r\n', 'UDP'
    loop.close()
