# Copyright the carryall authors.  See LICENSE.
"""Virtual hosts: spellings of names, the name that counts, and unknown hosts (feature WEB-11)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.testing import FakeTransport
from carryall.core.tls import TLSInfo
from carryall.protocols.http import Response
from carryall.services.web.hosts import (MAX_REMEMBERED, HostLogs, HostName, HostTable,
                                         VirtualHosts, host_and_port)
from tests.protocols.http.stage import Stage
from tests.services.web.support import request


@pytest.mark.parametrize('authority, expected', [
    (b'a.example', ('a.example', None)), (b'A.Example.:80', ('a.example', 80)),
    (b'a.example:', ('a.example', None)), (b'127.0.0.1:8080', ('127.0.0.1', 8080)),
    (b'[::1]', ('::1', None)), (b'[0:0:0:0:0:0:0:1]:81', ('::1', 81)), (b'a%41', ('a%41', None)),
    (b"x!$&'()*+,;=~", ("x!$&'()*+,;=~", None))])
def test_host_and_port(authority, expected):
    """Whatever passes for a Host."""
    assert host_and_port(authority) == expected, authority


@pytest.mark.parametrize('text, value', [
    (u'Blog.Example', u'blog.example'), (u'blog.example.:81', u'blog.example:81'), (u'*', u'*'),
    (u'*:81', u'*:81'), (u'*.Example', u'*.example'),
    (u'*.b\u00fccher.example', u'*.xn--bcher-kva.example'),
    (u'b\u00fccher.example:8443', u'xn--bcher-kva.example:8443'), (u'127.0.0.1', u'127.0.0.1'),
    (u'127.0.0.1:80', u'127.0.0.1:80'), (u'::1', u'::1'), (u'[0::1]', u'::1'),
    (u'[::1]:80', u'[::1]:80'), (u'a_b', u'a_b'), (u'localhost', u'localhost')])
def test_names_are_normalized_once(text, value):
    """As they are kept; the same again gives the same."""
    kind = HostName()
    assert kind.parse(text) == value, text
    assert kind.parse(kind.show(value)) == value, text
    kind.check(value)


@pytest.mark.parametrize('text', [
    u'', u' ', u'a b', u'a..b', u'.a', u'-a', u'a-', u'**', u'a*', u'*a.example', u'*.', u'a.*',
    u'*.*.a', u'a:0', u'a:65536', u'a:x', u'a:', u'a:080', u'a/b', u'a@b',
    u'[::1', u'[x]', u'a' * 64, u'.'.join([u'a' * 60] * 5), u'\u00ff' * 70, u'a\x00', u'[::1]x',
    u'\u0661.0.0.1:99999'])
def test_bad_names_are_refused(text):
    """Names that no Host field could have, and two spellings of one name, are refused."""
    with pytest.raises(UsageError):
        HostName().parse(text)


def test_bad_values_of_a_tap_are_refused():
    """A value that no command line gives."""
    for value in (u'A.example', b'a.example', 1, u'a.example.', u'[::1]'):
        with pytest.raises(UsageError):
            HostName().check(value)


TABLE = HostTable([(u'a.example', 'a'), (u'a.example:81', 'a on 81'), (u'*.example', 'wild'),
                   (u'*.example:81', 'wild on 81'), (u'::1', 'address'), (u'*:99', 'other on 99')])


@pytest.mark.parametrize('authority, scheme, expected', [
    (b'a.example', b'http', 'a'), (b'A.EXAMPLE.:80', b'http', 'a'),
    (b'a.example:81', b'http', 'a on 81'), (b'a.example:443', b'https', 'a'),
    (b'a.example:99', b'http', 'a'),
    (b'b.example', b'http', 'wild'), (b'b.example:81', b'https', 'wild on 81'),
    (b'example', b'http', None), (b'c.b.example', b'http', None), (b'*.example', b'http', 'wild'),
    (b'[::1]:5', b'http', 'address'), (b'x:99', b'http', 'other on 99'), (b'x', b'http', None),
    (b'127.0.0.1', b'http', None), (None, b'http', None), (b'*', b'http', None)])
def test_the_most_exact_name_counts(authority, scheme, expected):
    """The most exact, and one with the port first."""
    assert [TABLE.find(authority, scheme) for _ in range(2)] == [expected] * 2, authority


def test_the_port_of_the_scheme():
    """A URL without a port means the scheme's."""
    table = HostTable([(u'a.example:443', 'secure'), (u'*:80', 'other')])
    assert table.find(b'a.example', b'https') == 'secure'
    assert table.find(b'a.example:', b'http') == 'other'
    assert table.find(None, b'http') == 'other', 'HTTP/1.0 without a Host'
    assert table.find(None, b'https') is None, 'HTTP/1.0 without a Host'


def test_a_name_with_two_values_is_refused():
    """One name, two values."""
    for pairs in ([(u'a.example', 1), (u'a.example', 2)], [(u'*', 1), (u'*', 2)],
                  [(u'*:1', 1), (u'*:1', 2)]):
        with pytest.raises(UsageError):
            HostTable(pairs)


def test_memory_is_bounded():
    """Invented names do not fill the memory."""
    table = HostTable([(u'*', 'any')])
    for number in range(3 * MAX_REMEMBERED):
        assert table.find(b'h%d' % number, b'http') == 'any'
    assert len(table._found) <= MAX_REMEMBERED


def _ask(app, host, server_name=None):
    """(status, body) of a request; over TLS if a name was asked for there, '' for none."""
    info = (None if server_name is None
            else TLSInfo('TLSv1.3', 'X', 'http/1.1', server_name or None, None, False, None))
    response = app(request(b'/', host=host, transport=FakeTransport(tls=info)))
    return response.status, response.body


@pytest.mark.parametrize('host, server_name, status', [
    (b'a.example', None, 200), (b'a.example', 'a.example', 200),
    (b'A.Example.:8443', 'a.EXAMPLE', 200), (b'a.example', '', 200), (b'b.example', None, 404),
    (b'b.example', 'b.example', 421), (b'a.example', 'b.example', 421), (b'c.wild', 'd.wild', 421),
    (b'c.wild', 'c.wild', 200), (None, None, 404), (None, 'a.example', 421),
    (b'"><script>', None, 404)])
def test_unknown_hosts_are_404_or_421(host, server_name, status):
    """404 in clear, 421 over TLS, also where the handshake was for another; nothing of the name is
    said back.
    """
    app = VirtualHosts(HostTable([(u'a.example', lambda _: Response(200)),
                                  (u'*.wild', lambda _: Response(200))]))
    found, body = _ask(app, host, server_name)
    assert found == status, (host, server_name)
    assert host is None or host not in body, 'no echo'


def test_the_host_of_an_absolute_target_is_the_one_that_answers():
    """RFC 9112 section 3.2.2: a Host that says something else is ignored, by the choice of the site
    and by its log.
    """
    table = [(name, lambda _, name=name: Response(200, body=name.encode('ascii'))) for name
             in (u'a.example', u'b.example')]
    logs = dict((name, _Log()) for name in (u'a.example', u'b.example'))
    stage = Stage(VirtualHosts(HostTable(table)),
                  access_log=HostLogs(HostTable(logs.items()), None))
    assert stage.say(b'GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n').endswith(
        b'\r\n\r\nb.example')
    assert stage.say(b'GET http://c.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n').startswith(
        b'HTTP/1.1 404 ')
    assert (logs[u'a.example'].lines, logs[u'b.example'].lines) == ([], [200])


class _Log(object):
    def __init__(self):
        self.lines = []

    def served(self, _client, _request, status, _octets, _seconds):
        self.lines.append(status)


def test_each_host_has_its_log():
    """Requests are logged for their host; those of unknown hosts, and misdirected ones, in the main
    log."""
    mine = _Log()
    main = _Log()
    logs = HostLogs(HostTable([(u'a.example', mine)]), main)
    plain = FakeTransport()
    logs.served(None, request(b'/', host=b'a.example', transport=plain), 200, 1, 0.1)
    logs.served(None, request(b'/', host=b'b.example', transport=plain), 404, 1, 0.1)
    logs.served(None, request(b'/', host=b'a.example', transport=plain), 421, 1, 0.1)
    logs.served(None, None, 408, 1, 0.1)
    assert mine.lines == [200]
    assert main.lines == [404, 421, 408]
    HostLogs(HostTable([]), None).served(None, None, 400, 1, 0.1)
