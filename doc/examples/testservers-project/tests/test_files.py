# Copyright the carryall authors.  See LICENSE.
"""ftplib against the FTP server."""
import ftplib
import io

import pytest


@pytest.fixture
def client(ftp_server):
    """A client that has logged in."""
    with ftplib.FTP(timeout=20) as made:
        made.connect(ftp_server.host, ftp_server.port)
        made.login(*ftp_server.login)
        yield made


def test_an_upload_arrives(client, ftp_server):
    client.mkd('in')
    client.storbinary('STOR in/a.txt', io.BytesIO(b'hello'))
    transfer, = ftp_server.wait(1)
    assert (transfer.path, transfer.octets) == ('in/a.txt', 5)
    assert ftp_server.files() == ['in/a.txt']
    assert ftp_server.get('in/a.txt') == b'hello'


def test_a_download_is_whole(client, ftp_server):
    ftp_server.put('out/b.txt', b'hello')
    got = []
    client.retrbinary('RETR out/b.txt', got.append)
    assert b''.join(got) == b'hello'


def test_a_download_is_cut(client, ftp_server):
    ftp_server.put('b', b'0123456789')
    ftp_server.fail('data', cut=4)
    got = []
    with pytest.raises(ftplib.error_temp):          # 426
        client.retrbinary('RETR b', got.append)
    assert b''.join(got) == b'0123'


def test_the_disk_is_full(client, ftp_server):
    ftp_server.fail('STOR', b'452 no space')
    with pytest.raises(ftplib.error_temp):
        client.storbinary('STOR a', io.BytesIO(b'x'))
    assert ftp_server.files() == []
