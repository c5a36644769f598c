# Copyright the carryall authors.  See LICENSE.
"""Under systemd: notice by datagrams, the watchdog, sockets that were handed over (TAP-15)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.testing import VirtualLoop
from carryall.core.errors import UsageError
from carryall.runtimes import platform
from carryall.runtimes.host import systemd
from carryall.runtimes.host.systemd import Inherited, Notifier, notifier


def told(notes):
    """The lines of each datagram."""
    return [note.decode('utf-8').split(u'\n') for note in notes]


def test_no_notice_is_sent_without_the_variable():
    """No variable, no notice; a path that is none is none."""
    loop = VirtualLoop()
    assert notifier(loop, {}) is None
    assert notifier(loop, {'NOTIFY_SOCKET': 'relative'}) is None


def test_variables_are_not_for_children():
    """They are taken out of the environment."""
    environ = {'NOTIFY_SOCKET': '/nowhere', 'WATCHDOG_USEC': '4000000',
               'WATCHDOG_PID': str(os.getpid()), 'HOME': '/'}
    assert notifier(VirtualLoop(), environ) is not None
    assert environ == {'HOME': '/'}


def test_notices_follow_the_life_of_the_service():
    """Ready, reload, ready again, stopping; a line break in a status makes no line."""
    notes = []
    one = Notifier(VirtualLoop(), notes.append)
    one.ready([u'web on 127.0.0.1:1', u'a\nREADY=0'])
    one.reloading()
    one.stopping()
    first, second, third = told(notes)
    assert first == [u'READY=1', u'STATUS=web on 127.0.0.1:1, a READY=0']
    assert second[0] == u'RELOADING=1' and second[1].startswith(u'MONOTONIC_USEC=') \
        and second[1][15:].isdigit()
    assert third[0] == u'STOPPING=1'


def test_the_watchdog_is_fed_in_time():
    """Fed at half the time, from ready on, once however often it gets ready."""
    loop = VirtualLoop()
    notes = []
    one = Notifier(loop, notes.append, 2.0)
    loop.advance(10.0)
    assert notes == []
    one.ready([])
    one.ready([])
    loop.advance(6.5)
    assert told(notes).count([u'WATCHDOG=1']) == 4


def test_failure_is_logged_once(expect_log):
    """It serves on."""
    def broken(data):
        raise IOError('gone')

    one = Notifier(VirtualLoop(), broken)
    expect_log('systemd cannot be told: gone')
    one.ready([])
    one.stopping()


class Given(object):
    """A socket that was handed over."""

    def __init__(self, where, family=2, kind=1):
        self.family = family
        self.type = kind
        self._where = where

    def getsockname(self):
        """The address that it is bound to."""
        return self._where


def inherited(sockets, names='', pid=None):
    """The sockets that Inherited finds; and the environment that is left."""
    environ = {'LISTEN_FDS': str(len(sockets)),
               'LISTEN_PID': str(os.getpid() if pid is None else pid), 'LISTEN_FDNAMES': names}
    made = Inherited(environ, lambda number: sockets[number - 3])
    assert environ == {}
    return made


def test_taken_by_address():
    """The same address and port, once."""
    web = Given(('127.0.0.1', 80))
    mail = Given(('127.0.0.1', 25))
    made = inherited([web, mail])
    assert made.take('tcp', '127.0.0.1', 25) is mail
    assert made.take('tcp', '127.0.0.1', 25) is None
    assert made.take('tcp', '127.0.0.2', 80) is None
    assert made.take('udp', '127.0.0.1', 80) is None
    assert made.unused() == ['unknown']
    assert made.take('tcp', '127.0.0.1', 80) is web


def test_a_port_of_systemd_covers_all_interfaces():
    """systemd listens on [::] where it is told a port alone: that is every IPv4 interface too."""
    both = Given(('::', 80, 0, 0), 10)
    assert inherited([both]).take('tcp', '0.0.0.0', 80) is both
    assert inherited([both]).take('tcp', '127.0.0.1', 80) is None


def test_taken_by_name():
    """KIND-PORT stands in for that endpoint, wherever the socket is."""
    low = Given(('0.0.0.0', 80))
    made = inherited([low], 'tcp-8080')
    assert made.take('tcp', '127.0.0.1', 80) is None
    assert made.take('udp', '127.0.0.1', 8080) is None
    assert made.take('tcp', '127.0.0.1', 8080) is low


def test_datagrams_and_unix():
    """By their kinds."""
    name = Given(('127.0.0.1', 53), 2, 2)
    path = Given('/run/x.sock', 1, 1)
    made = inherited([name, path])
    assert made.take('tcp', '127.0.0.1', 53) is None
    assert made.take('udp', '127.0.0.1', 53) is name
    assert made.take('unix', '/run/x.sock', None) is path


@pytest.mark.parametrize('environ', [
    {}, {'LISTEN_FDS': '1'}, {'LISTEN_FDS': '1', 'LISTEN_PID': '1'},
    {'LISTEN_FDS': '-1', 'LISTEN_PID': str(os.getpid())},
    {'LISTEN_FDS': 'x', 'LISTEN_PID': str(os.getpid())},
    {'LISTEN_FDS': '99999999999999999999', 'LISTEN_PID': str(os.getpid())}])
def test_nothing_for_us(environ):
    """None, somebody else's, or nonsense."""
    def never(number):
        raise AssertionError(number)

    assert Inherited(environ, never).unused() == []


def test_a_descriptor_that_is_no_socket_is_reported(expect_log):
    """A descriptor that is something else is told of, and left."""
    def no_socket(number):
        raise ValueError('it is something else')

    expect_log('descriptor 3')
    made = Inherited({'LISTEN_FDS': '1', 'LISTEN_PID': str(os.getpid())}, no_socket)
    assert made.unused() == []


def test_unused_is_told(expect_log, monkeypatch):
    """A socket that no endpoint asked for points at a mistake in the units."""
    monkeypatch.setattr(systemd, '_inherited', [inherited([Given(('127.0.0.1', 80))], 'web')])
    monkeypatch.setattr(systemd, 'ON_JVM', False)
    expect_log('handed over the socket web')
    systemd.warn_of_unused()


@pytest.mark.skipif(platform.ON_JVM, reason='Java makes no socket of a descriptor')
def test_a_connection_is_refused():
    """A socket unit with Accept=yes hands over a connection: no one would be served,
    and nothing would listen."""
    import socket
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(1)
    client = socket.create_connection(listener.getsockname())
    accepted = listener.accept()[0]
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        assert systemd._listening(listener) is listener
        assert systemd._listening(datagrams) is datagrams
        environ = {'LISTEN_FDS': '1', 'LISTEN_PID': str(os.getpid())}
        with pytest.raises(UsageError) as caught:
            Inherited(environ, lambda number: systemd._listening(accepted))
        assert 'Accept=no' in caught.value.message
    finally:
        for each in (listener, client, accepted, datagrams):
            each.close()
