# Copyright the carryall authors.  See LICENSE.
"""The fixture ftp_server of the pytest plug-in."""
from __future__ import absolute_import, division, print_function

import ftplib

import pytest

from carryall.pytest_plugin import carryall_certificates, carryall_servers, ftp_server      # noqa: F401
from tests.support import interpreter


@pytest.mark.skipif(interpreter.JYTHON, reason='its ftplib sits on sockets that do not work')
def test_a_program_that_talks_to_a_server(ftp_server, tmp_path):        # noqa: F811
    (tmp_path / 'pub').mkdir()
    (tmp_path / 'pub' / 'a.txt').write_bytes(b'hello\n')
    host, _, port = ftp_server('--root', str(tmp_path / 'pub'), '--port', 'tcp:0')[0].rpartition(':')
    client = ftplib.FTP()
    client.connect(host, int(port), 20)
    client.login()
    lines = []
    client.retrlines('RETR a.txt', lines.append)
    client.quit()
    assert lines == ['hello'], lines
