# Copyright the carryall authors.  See LICENSE.
"""Daytime (RFC 867): the three forms, server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeDatagramTransport, VirtualLoop, lockstep, play
from carryall.core.net.transport import Address
from carryall.protocols.simple import daytime
from carryall.protocols.simple.guarded import SourceGuard
from carryall.protocols.simple.settings import Settings
from carryall.core.net.collector import Collector

MOMENTS = [
    (1795234353.9, 'rfc', b'Saturday, November 21, 2026 04:12:33-UTC\r\n'),
    (1795234353.9, 'iso', b'2026-11-21T04:12:33Z\r\n'),
    (1795234353.9, 'nist', b'\n61365 26-11-21 04:12:33 00 0 0   0.0 UTC(HOST) * \n'),
    (0, 'rfc', b'Thursday, January 1, 1970 00:00:00-UTC\r\n'),
    (951782400, 'iso', b'2000-02-29T00:00:00Z\r\n'),
    (4294967296, 'rfc', b'Sunday, February 7, 2106 06:28:16-UTC\r\n'),
    (946684799, 'iso', b'1999-12-31T23:59:59Z\r\n')]


@pytest.mark.parametrize('seconds, form, text', MOMENTS)
def test_each_form_is_shown_and_read(seconds, form, text):
    assert daytime.show(seconds, form) == text, 'shown as %r' % daytime.show(seconds, form)
    assert daytime.moment(text) == seconds // 1, 'read as %r' % daytime.moment(text)


@pytest.mark.parametrize('text, seconds', [
    # As a server of NIST sends it.
    (b'\n60271 23-11-23 17:12:54 50 0 0 895.3 UTC(NIST) * \n', 1700759574),
    (b'2016-12-31T23:59:60Z', 1483228800),                                      # a leap second
    (b'', None), (b'2026-02-30T00:00:00Z', None), (b'2026-11-21T04:12:61Z', None),
    (b'2026-11-21T24:00:00Z', None),
    (b'0000-01-01T00:00:00Z', None), (b'2026-11-21T04:12:33', None),
    (b'Sat Nov 21 04:12:33 2026', None),
    (b'Saturday, Movember 21, 2026 04:12:33-UTC', None),
    (b'Saturday, November 21, 2026 04:12:33-PST', None),
    (b'\xff' * 100, None), (b'2026-11-21T04:12:33Z2026-11-21T04:12:33Z', None)])
def test_times_of_other_servers_are_read(text, seconds):
    assert daytime.moment(text) == seconds, 'read as %r' % daytime.moment(text)


@pytest.mark.parametrize('seconds', [-5.0, 1e15])
def test_a_clock_that_is_far_off_breaks_nothing(seconds):
    assert daytime.moment(daytime.show(seconds, 'iso')) in (0, daytime.LATEST), \
        daytime.show(seconds, 'iso')


def test_there_is_no_other_form():
    with pytest.raises(ValueError):
        daytime.show(0, 'julian')


def test_server_at_every_chunking():
    play(lambda loop: daytime.Daytime(lambda: 0.0, loop, Settings(form='iso')), b'now?\r\n',
         b'1970-01-01T00:00:00Z\r\n', eof=True)


@pytest.mark.parametrize('form', daytime.FORMS)
def test_client_against_server(form):
    loop = VirtualLoop()
    client = Collector()
    lockstep(client, daytime.Daytime(loop.wall, loop, Settings(form=form)), loop)
    assert daytime.moment(client.answer.result()) == loop.wall() // 1, 'not the time'


def test_fetch_over_both():
    loop = VirtualLoop()
    loop.listen_tcp(lambda: daytime.Daytime(loop.wall, loop, Settings(form='nist')),
                    '127.0.0.1', 1313)
    loop.open_udp(lambda: daytime.DaytimeDatagrams(SourceGuard(loop), loop.wall, 'rfc'),
                  '127.0.0.1', 1313)
    by_tcp = loop.run_until(daytime.fetch(loop, '127.0.0.1', 1313))
    by_udp = loop.run_until(daytime.fetch_udp(loop, '127.0.0.1', 1313))
    assert by_tcp == b'61041 26-01-01 00:16:40 00 0 0   0.0 UTC(HOST) *', 'TCP: %r' % by_tcp
    assert by_udp == b'Thursday, January 1, 2026 00:16:40-UTC', 'UDP: %r' % by_udp
    loop.close()


def test_udp_one_packet_for_one():
    loop = VirtualLoop()
    wire = FakeDatagramTransport(loop).connect(
        daytime.DaytimeDatagrams(SourceGuard(loop), lambda: 0.0, 'iso'))
    wire.feed(b'', Address('192.0.2.9', 5000))
    wire.feed(b'x' * 500, Address('192.0.2.9', 53))
    assert wire.sent == [(b'1970-01-01T00:00:00Z\r\n', Address('192.0.2.9', 5000))], \
        'sent %r' % (wire.sent,)
