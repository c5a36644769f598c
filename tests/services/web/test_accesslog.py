# Copyright the carryall authors.  See LICENSE.
"""AccessLog: one line for each response, that cannot be forged (feature HTS-15)."""
from __future__ import absolute_import, division, print_function

import json
import os
import re

import pytest

from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address
from carryall.services.web.accesslog import (FLUSH_BYTES, FLUSH_SECONDS, MAX_FIELD, MAX_TARGET,
                                             AccessLog)
from tests.services.web.support import request

CLIENT = Address('127.0.0.1', 1234)
AGENT = [(b'User-Agent', b'curl/8'), (b'Referer', b'http://h/x')]


def _read(path):
    with open(path, 'rb') as source:
        return source.read()


@pytest.fixture
def path(tmpdir):
    """The path of the log."""
    return os.path.join(str(tmpdir), 'access.log')


def _lines(path, form, *calls):
    log = AccessLog(path, VirtualLoop(), form)
    for call in calls:
        log.served(*call)
    log.close()
    return _read(path)


@pytest.mark.parametrize('form, expected', [
    ('common', b'127.0.0.1 - - [01/Jan/2026:00:16:40 +0000] "GET /a?b=c HTTP/1.1" 200 1024\n'),
    ('combined',
     b'127.0.0.1 - - [01/Jan/2026:00:16:40 +0000] "GET /a?b=c HTTP/1.1" 200 1024 "http://h/x" '
     b'"curl/8"\n'),
    ('json',
     b'{"time": "2026-01-01T00:16:40Z", "client": "127.0.0.1", "method": "GET", "target": '
     b'"/a?b=c", "version": "HTTP/1.1", '
             b'"status": 200, "octets": 1024, "seconds": 0.25, "referer": "http://h/x", "agent": '
             b'"curl/8"}\n')])
def test_each_form_has_its_fields(path, form, expected):
    """As the programs that read them want them."""
    assert (_lines(path, form, (CLIENT, request(b'/a?b=c', AGENT), 200, 1024, 0.25))
            == expected), form


@pytest.mark.parametrize('form, expected', [
    ('common', b'- - - [01/Jan/2026:00:16:40 +0000] "-" 408 -\n'),
    ('combined', b'- - - [01/Jan/2026:00:16:40 +0000] "-" 408 - "-" "-"\n'),
    ('json',
     b'{"time": "2026-01-01T00:16:40Z", "client": "-", "status": 408, "octets": 0, "seconds": '
     b'0.0}\n')])
def test_a_response_without_a_request_is_logged(path, form, expected):
    """Without a client, a request, a body."""
    assert _lines(path, form, (None, None, 408, 0, 0.0)) == expected, form


EVIL = [b'a\r\nb', b'a" 200 5 "x', b'\x1b[31m', b'\\', b'\xff\xfe', b'\x00', b'\xe2\x80\xa8',
        b'\x9b1m', b'"', b'\\"', b'{"x": 1}']


@pytest.mark.parametrize('form', ['common', 'combined', 'json'])
def test_nothing_is_forged(path, form):
    """Whatever a client sends: one line, printable, with its quotes where they belong."""
    for evil in EVIL:
        asked = request(b'/' + evil, [(b'User-Agent', evil), (b'Referer', evil)])
        data = _lines(path, form, (CLIENT, asked, 200, 1, 0.0))
        os.remove(path)
        assert data.count(b'\n') == 1, evil
        assert data.endswith(b'\n'), evil
        assert not re.search(b'[^ -~]', data[:-1]), evil
        if form == 'json':
            assert json.loads(data.decode('ascii'))['status'] == 200, evil
        else:
            assert data.count(b'"') == (2 if form == 'common' else 6), evil


@pytest.mark.parametrize('form', ['combined', 'json'])
def test_fields_are_bounded(path, form):
    """A line has a length, whatever is sent."""
    asked = request(b'/' + b'\xff' * 100000,
                    [(b'User-Agent', b'\xff' * 100000), (b'Referer', b'=' * 100000)])
    data = _lines(path, form, (CLIENT, asked, 200, 1, 0.0))
    assert len(data) < 6 * (MAX_TARGET + 2 * MAX_FIELD) + 300, 'bounded'


@pytest.mark.parametrize('form', ['combined', 'json'])
def test_secrets_are_masked(path, form):
    """The value of a secret in a query is not written."""
    asked = request(b'/?a=1&password=hunter2&b=2',
                    [(b'Referer', b'http://h/?token=hunter2'), (b'User-Agent', b'x')])
    data = _lines(path, form, (CLIENT, asked, 200, 1, 0.0))
    assert b'hunter2' not in data, data
    assert b'password=***' in data, data
    assert b'a=1' in data, data
    assert b'b=2' in data, data


def test_lines_are_gathered_and_written(path):
    """Written after a time, or when they are many, or at the end."""
    loop = VirtualLoop()
    log = AccessLog(path, loop, 'common')
    log.served(CLIENT, None, 200, 1, 0.0)
    assert _read(path) == b'', 'not at once'
    loop.advance(FLUSH_SECONDS * 0.9)
    assert _read(path) == b'', 'not yet'
    loop.advance(FLUSH_SECONDS * 0.2)
    assert _read(path).count(b'\n') == 1, 'after a second'
    for _ in range(FLUSH_BYTES // 50 + 1):
        log.served(CLIENT, None, 200, 1, 0.0)
    assert len(_read(path)) >= FLUSH_BYTES, 'when they are many'
    log.served(CLIENT, None, 200, 1, 0.0)
    log.close()
    assert _read(path).count(b'\n') == FLUSH_BYTES // 50 + 3, 'at the end'
    loop.advance(10)
    assert loop.failures == [], 'no timer is left'


def test_time_goes_on(path):
    """Each line has its own second."""
    loop = VirtualLoop()
    log = AccessLog(path, loop, 'common')
    for _ in range(3):
        log.served(CLIENT, None, 200, 1, 0.0)
        loop.advance(0.5)
    log.close()
    assert re.findall(b':(\\d\\d) ', _read(path)) == [b'40', b'40', b'41'], 'seconds'


def test_reopen_writes_a_new_file(path):
    """After reopen a new file is written; nothing is lost or doubled."""
    log = AccessLog(path, VirtualLoop(), 'common')
    log.served(CLIENT, None, 200, 1, 0.0)
    log.flush()
    if os.sep == '/':
        os.rename(path, path + '.1')
    log.served(CLIENT, None, 201, 1, 0.0)
    log.reopen()
    log.served(CLIENT, None, 202, 1, 0.0)
    log.close()
    if os.sep == '/':
        assert b' 200 ' in _read(path + '.1'), 'both'
        assert b' 201 ' in _read(path + '.1'), 'both'
        assert b' 202 ' in _read(path), 'both'
        assert _read(path).count(b'\n') == 1, 'nothing doubled'


class Broken(object):
    """A file on a full disk."""

    def __init__(self):
        self.full = True
        self.data = b''

    def write(self, data):
        """Fails while it is full."""
        if self.full:
            raise IOError('no space left')
        self.data += data

    def flush(self):
        """Nothing to do."""

    close = flush


def test_a_full_disk(path, expect_log):
    """Told once, lines are counted and dropped, and it goes on when there is room."""
    log = AccessLog(path, VirtualLoop(), 'common')
    log._file.close()
    broken = Broken()
    log._file = broken
    told = expect_log('cannot be written')
    for _ in range(3):
        log.served(CLIENT, None, 200, 1, 0.0)
        log.flush()
    assert len(told) == 1, 'once'
    assert log.lost == 3, 'once'
    broken.full = False
    again = expect_log('written again; 3 lines were lost')
    log.served(CLIENT, None, 200, 1, 0.0)
    log.close()
    assert len(again) == 1, 'goes on'
    assert broken.data.count(b'\n') == 1, 'goes on'
    assert log.lost == 0, 'goes on'


def test_cannot_be_opened(tmpdir):
    """Told at the start."""
    with pytest.raises(UsageError):
        AccessLog(os.path.join(str(tmpdir), 'no', 'such', 'folder'), VirtualLoop())
    with pytest.raises(UsageError):
        AccessLog(os.path.join(str(tmpdir), 'x'), VirtualLoop(), 'xml')
