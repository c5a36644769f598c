# Copyright the carryall authors.  See LICENSE.
"""The downloader against real servers."""
import hashlib
import os
import ssl
import sys
from urllib.error import HTTPError, URLError

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from downloader import download  # noqa: E402

DATA = bytes(range(256)) * 1000


@pytest.fixture(scope='module')
def site(tmp_path_factory, http_server_module):
    """One server for all tests of this module."""
    folder = tmp_path_factory.mktemp('site')
    (folder / 'data.bin').write_bytes(DATA)
    return http_server_module(path=str(folder))


def test_whole_file(site, tmp_path):
    """Every byte."""
    assert download(site + '/data.bin', str(tmp_path / 'got')) == hashlib.sha256(DATA).hexdigest()
    assert (tmp_path / 'got').read_bytes() == DATA


def test_nothing_there(site, tmp_path):
    """No file is left of what is not there."""
    with pytest.raises(HTTPError) as fault:
        download(site + '/nothing', str(tmp_path / 'got'))
    assert fault.value.code == 404 and not (tmp_path / 'got').exists()


def test_tls(https_server, carryall_ca, tmp_path):
    """A certificate that is trusted."""
    (tmp_path / 'data.bin').write_bytes(DATA)
    url = https_server(path=str(tmp_path)) + '/data.bin'
    assert download(url, str(tmp_path / 'got'), carryall_ca) == hashlib.sha256(DATA).hexdigest()


def test_tls_of_a_stranger(https_server, tmp_path):
    """And one that is not."""
    (tmp_path / 'data.bin').write_bytes(DATA)
    with pytest.raises(URLError) as fault:
        download(https_server(path=str(tmp_path)) + '/data.bin', str(tmp_path / 'got'))
    assert isinstance(fault.value.reason, ssl.SSLCertVerificationError)


def test_server_that_breaks_off(http_server, tmp_path):
    """The application is this test's own, so it is skipped if servers run in another process."""
    from carryall.protocols.http import Response
    broken = Response(500, [(b'Content-Type', b'text/plain')], b'broken\n')
    url = http_server(app=lambda request: broken)
    with pytest.raises(HTTPError):
        download(url + '/', str(tmp_path / 'got'))
