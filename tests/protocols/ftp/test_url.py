# Copyright the carryall authors.  See LICENSE.
"""URLs of FTP (RFC 1738 section 3.2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.ftp.url import is_ftp, parse_url


@pytest.mark.parametrize('url, host, port, name, path, implicit', [
    (u'ftp://host/pub/x', 'host', None, None, b'pub/x', False),
    (u'FTP://host', 'host', None, None, b'', False),
    (u'ftp://anna@host:2121/', 'host', 2121, u'anna', b'', False),
    (u'ftps://host//etc/x', 'host', None, None, b'/etc/x', True),
    (u'ftp://host/%2Fetc/x', 'host', None, None, b'/etc/x', False),
    (u'ftp://[::1]:21/x', '::1', 21, None, b'x', False),
    (u'ftp://[::1]/x', '::1', None, None, b'x', False),
    (u'ftp://a%40b@h/x%20y;type=a', 'h', None, u'a@b', b'x y', False),
    (u'ftp://h/caf\xe9', 'h', None, None, b'caf\xc3\xa9', False)])
def test_an_ftp_url_is_parsed(url, host, port, name, path, implicit):
    found = parse_url(url)
    assert (found.host, found.port, found.name, found.path, found.implicit) \
        == (host, port, name, path, implicit), found.path


@pytest.mark.parametrize('url', [u'', u'http://h/', u'ftp:h', u'ftp:///x', u'ftp://h:0/',
                                 u'ftp://h:99999/', u'ftp://h:x/',
                                 u'ftp://[::1/x', u'ftp://u:p@h/', u'ftp://h/%0d%0aDELE%20x',
                                 u'ftp://h/%zz', u'ftp://h/%0',
                                 u'ftp://h\xe9/', u'ftp://h/' + u'x' * 9000, u'ftp://[::1]x/',
                                 u'ftp://%FF@h/'])
def test_a_bad_url_is_refused(url):
    with pytest.raises(UsageError):
        parse_url(url)


def test_is_ftp_knows_the_schemes():
    assert is_ftp(u'ftp://x') and is_ftp(u'FTPS://x') and not is_ftp(u'http://x') and not is_ftp(
        u'ftpx://x'), 'the scheme'
