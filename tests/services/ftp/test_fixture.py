# Copyright the carryall authors.  See LICENSE.
"""The fixture ftp_server of the pytest plug-in."""
from __future__ import absolute_import, division, print_function

import ftplib

import pytest

from carryall import runtimes
from carryall.core.future import Return, coroutine
from carryall.protocols.ftp import Upload, connect
from carryall.pytest_plugin import carryall_certificates, carryall_servers, ftp_server  # noqa: F401
from tests.support import interpreter


def by_ftplib(host, port):
    client = ftplib.FTP()
    client.connect(host, port, 20)
    client.login()
    lines = []
    client.retrlines('RETR a.txt', lines.append)
    client.quit()
    return [line.encode('ascii') for line in lines]


class Kept(Upload):
    """Keeps what comes."""

    __slots__ = ('octets',)

    def __init__(self):
        Upload.__init__(self, ())
        self.octets = b''

    def write(self, data):
        self.octets += data

    def finish(self):
        pass

    def abandon(self):
        pass


@coroutine
def fetched(loop, host, port):
    session = yield connect(loop, host, port)
    yield session.login(u'anonymous', b'guest@')
    kept = Kept()
    yield session.retrieve(b'a.txt', kept)
    yield session.quit()
    raise Return(kept.octets)


def by_ours(host, port):
    loop = runtimes.choose()
    try:
        return loop.run_until(fetched(loop, host, port)).splitlines()
    finally:
        loop.close()


# Jython's ftplib sits on sockets that do not work.
@pytest.mark.parametrize('fetch', [by_ours] if interpreter.JYTHON else [by_ours, by_ftplib])
def test_a_program_that_talks_to_a_server(ftp_server, tmp_path, fetch):         # noqa: F811
    (tmp_path / 'pub').mkdir()
    (tmp_path / 'pub' / 'a.txt').write_bytes(b'hello\n')
    host, _, port = ftp_server('--root', str(tmp_path / 'pub'), '--port', 'tcp:0')[0].rpartition(
        ':')
    assert fetch(host, int(port)) == [b'hello']
