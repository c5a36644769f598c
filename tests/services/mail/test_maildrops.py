# Copyright the carryall authors.  See LICENSE.
"""Maildirs as POP3 sees them: locks, pieces, deletions, and deliveries meanwhile."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import CarryallError, TimedOut
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.pop3 import Busy
from carryall.services.mail.maildir import Maildir
from carryall.services.mail.maildrops import LIST_SECONDS, Locks, MaildirAccount, Silent


@pytest.fixture
def account(tmpdir):
    return MaildirAccount(Maildir(str(tmpdir.join('box'))), Locks())


def whole(loop, drop, number):
    pieces = drop.read(number)
    data = b''
    while True:
        piece = loop.run_until(pieces.next())
        if not piece:
            return data
        data += piece


def test_one_session_and_deliveries_meanwhile(account):
    loop = VirtualLoop()
    account.maildir.deliver('1.a.h', b'a\nb\n')
    drop = loop.run_until(account.open_maildrop(loop))
    with pytest.raises(Busy):
        account.open_maildrop(loop).result()
    account.maildir.deliver('2.a.h', b'c\n')
    assert drop.sizes == [6]
    assert drop.uids == [b'1.a.h']
    assert whole(loop, drop, 0) == b'a\r\nb\r\n'
    loop.run_until(drop.commit([0]))
    drop.close()
    again = loop.run_until(account.open_maildrop(loop))
    assert again.uids == [b'2.a.h']
    again.close()
    assert len(account._locks) == 0


def test_a_cancelled_opening_leaves_no_lock(account):
    loop = VirtualLoop()
    opening = account.open_maildrop(loop)
    opening.cancel()
    loop.advance(1.0)
    assert len(account._locks) == 0
    assert not loop.failures


def test_a_failed_opening_leaves_no_lock(tmpdir):
    tmpdir.join('file').write('x')
    account = MaildirAccount(Maildir(str(tmpdir.join('file'))), Locks())
    loop = VirtualLoop()
    with pytest.raises((IOError, OSError)):
        loop.run_until(account.open_maildrop(loop))
    assert len(account._locks) == 0


@pytest.mark.parametrize('data',
                         [b'x' * 65535 + b'\r\n' + b'y\n', b'x' * 65536 + b'\n', b'\r\n' * 70000,
                          b'\n' * 140000, b'a\rb\n', b'x' * 65535 + b'\r' + b'z\n', b'\r'])
def test_pieces_are_as_long_as_was_said(account, data):
    loop = VirtualLoop()
    account.maildir.deliver('1.a.h', data if data.endswith(b'\n') else data + b'\n')
    drop = loop.run_until(account.open_maildrop(loop))
    wire = whole(loop, drop, 0)
    assert len(wire) == drop.sizes[0]
    assert wire.count(b'\n') == wire.count(b'\r\n') == wire.count(b'\r')


def test_closing_before_the_end(account):
    loop = VirtualLoop()
    account.maildir.deliver('1.a.h', b'x\n' * 100000)
    drop = loop.run_until(account.open_maildrop(loop))
    pieces = drop.read(0)
    loop.run_until(pieces.next())
    pieces.close()
    assert loop.run_until(pieces.next()) == b''
    pieces.close()


def test_deletions_that_fail_are_told(account, monkeypatch):
    loop = VirtualLoop()
    account.maildir.deliver('1.a.h', b'x\n')
    account.maildir.deliver('2.a.h', b'x\n')
    drop = loop.run_until(account.open_maildrop(loop))
    real = Maildir.remove
    monkeypatch.setattr(Maildir, 'remove', lambda self,
                        entry: real(self, entry) if entry.uid == b'2.a.h'
                        else os.remove('/nowhere/x'))
    with pytest.raises(CarryallError):
        loop.run_until(drop.commit([0, 1]))
    assert [entry.uid for entry in account.maildir.scan()] == [b'1.a.h']


class Slow(object):
    """A mailbox whose listing never ends of itself."""

    path = u'slow'

    def make(self):
        """Nothing."""

    def scan(self, abandoned):
        """Not reached."""


class Thread(object):
    """A loop whose calls on threads end when the test says so."""

    def __init__(self, loop):
        self.calls = []
        self._loop = loop
        loop.run_in_thread = self.run

    def run(self, function, *args):
        future = Future()
        self.calls.append((function, args, future))
        return future

    def end(self):
        """The oldest call goes on."""
        function, args, future = self.calls.pop(0)
        future.set_result(function(*args))


def test_a_mailbox_that_does_not_answer_is_given_back_at_the_deadline(expect_log):
    expect_log('could not be listed')
    loop = VirtualLoop()
    thread = Thread(loop)
    locks = Locks()
    opening = MaildirAccount(Slow(), locks).open_maildrop(loop)
    loop.advance(LIST_SECONDS + 1)
    with pytest.raises(Silent):
        opening.result()
    assert len(locks) == 0
    assert thread.calls[0][0].__self__.abandoned


def test_a_second_opening_of_a_hung_mailbox_fails_at_once(expect_log):
    expect_log('could not be listed')
    loop = VirtualLoop()
    thread = Thread(loop)
    locks = Locks()
    account = MaildirAccount(Slow(), locks)
    account.open_maildrop(loop)
    loop.advance(LIST_SECONDS + 1)
    with pytest.raises(Silent):
        account.open_maildrop(loop).result()
    assert len(thread.calls) == 1


def test_a_mailbox_that_answers_again_can_be_opened_again(expect_log, tmpdir):
    expect_log('could not be listed')
    loop = VirtualLoop()
    thread = Thread(loop)
    locks = Locks()
    account = MaildirAccount(Maildir(str(tmpdir.join('box'))), locks)
    account.open_maildrop(loop)
    loop.advance(LIST_SECONDS + 1)
    thread.end()
    opening = account.open_maildrop(loop)
    thread.end()
    assert opening.result().sizes == []
    assert len(locks) == 1


def test_a_message_that_cannot_be_read_in_time_is_an_error(account):
    loop = VirtualLoop()
    account.maildir.deliver('1.a.h', b'a\n')
    drop = loop.run_until(account.open_maildrop(loop))
    Thread(loop)
    piece = drop.read(0).next()
    loop.advance(100.0)
    with pytest.raises(TimedOut):
        piece.result()
