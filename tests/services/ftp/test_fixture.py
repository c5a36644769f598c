# Copyright the carryall authors.  See LICENSE.
"""The fixture ftp_server of the pytest plug-in."""
from __future__ import absolute_import, division, print_function

import ftplib
import re

import pytest

from carryall import telnetlib
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


def by_hand(host, port):
    control = telnetlib.Telnet(host, port, 20)

    def ask(command, reply):
        control.write(command)
        return control.expect([re.compile(reply + br' .*\r\n')], 20)[1].group(0)

    ask(b'', b'220')
    ask(b'USER anonymous\r\n', b'331')
    ask(b'PASS guest@\r\n', b'230')
    data = telnetlib.Telnet(host, int(re.search(br'\|\|\|(\d+)\|', ask(b'EPSV\r\n', b'229')).group(
        1)), 20)
    ask(b'RETR a.txt\r\n', b'1[25][05]')            # 125 when the data connection was seen first
    content = data.read_all()
    ask(b'QUIT\r\n', b'221')
    data.close()
    control.close()
    return content.splitlines()


# Jython's ftplib sits on sockets that do not work.
@pytest.mark.parametrize('fetch', [by_hand] if interpreter.JYTHON else [by_hand, by_ftplib])
def test_a_program_that_talks_to_a_server(ftp_server, tmp_path, fetch):         # noqa: F811
    (tmp_path / 'pub').mkdir()
    (tmp_path / 'pub' / 'a.txt').write_bytes(b'hello\n')
    host, _, port = ftp_server('--root', str(tmp_path / 'pub'), '--port', 'tcp:0')[0].rpartition(
        ':')
    assert fetch(host, int(port)) == [b'hello']
