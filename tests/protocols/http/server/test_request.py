# Copyright the carryall authors.  See LICENSE.
"""Request: its attributes of the connection and of the client."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport
from carryall.core.tls import TLSInfo
from carryall.core.tls.authority import self_signed
from carryall.core.net.transport import Address
from carryall.protocols.http import Response, Site
from tests.core.tls.material import NOW, material
from tests.protocols.http.stage import GET


def _request(**more):
    seen = []
    wire = FakeTransport(**more)
    wire.connect(Site(lambda request: seen.append(request) or Response(200), wire.loop)())
    wire.feed(GET)
    return seen[0]


def test_a_request_in_clear_has_no_certificate():
    """No TLS, no certificate, no user."""
    request = _request()
    assert request.scheme == b'http'
    assert request.tls is None
    assert request.client_certificate is None
    assert request.user is None
    assert request.peer == Address('192.0.2.1', 40000)
    assert request.here == Address('192.0.2.2', 7007)
    request.user = u'anna'
    assert request.user == u'anna'


def test_a_request_over_tls_has_the_certificate():
    """The certificate of a client, if it showed one."""
    info = TLSInfo('TLSv1.3', 'X', None, None, None, False, None)
    request = _request(tls=info)
    assert request.scheme == b'https'
    assert request.tls is info
    assert request.client_certificate is None
    der = material().der_of(self_signed([u'anna.example'], NOW, common_name=u'anna'))
    found = _request(tls=info._replace(peer_certificate=der)).client_certificate
    assert found.subject == u'CN=anna'
    assert found.names == [u'anna.example']
    assert found.der == der
