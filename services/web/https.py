# Copyright the carryall authors.  See LICENSE.
"""HTTPS for the web service: its options, endpoints and TLS contexts, and the redirect from http
(WEB-11, HTS-16).

    --https 8443 -c site.pem -k site.key            in addition to http on --port
    -p tls:8443:certificate=site.pem:key=site.key   instead of http

Former spellings: ``-c/--certificate`` and ``-k/--privkey`` are those of 0.19, with the same default
``server.pem``.  The key is read from the certificate's file unless it is named.  ``-s`` is not
used: in 0.19 it meant --https, in 1.2 --static.  Versions and cipher suites are those of core/tls.
After a HUP, new connections use the new files.
Tests:    tests/services/web/test_https.py, acceptance/cases/https_*.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.endpoints import Endpoint as Address
from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import UsageError
from carryall.app.optiontypes import MAKE_CERTIFICATE, Choice, Endpoint, Pair, Path, Seconds
from carryall.app.options import Flag, Option
from carryall.app.optionvalues import named
from carryall.core.tls import Identity, TLSContext
from carryall.core.tls.context import match_name
from carryall.protocols.http import plain_response
from carryall.services.acme.options import certificate_of
from carryall.services.web.errorpage import error_response
from carryall.services.web.hosts import HostName, host_and_port

__all__ = ['OPTIONS', 'Redirect', 'check', 'context_of', 'https_endpoints', 'problems',
           'standing_fields']

GROUP = 'https'
ALPN = ('http/1.1',)        # RFC 7301 section 6; the protocol of the engine
CLIENTS = ('no', 'optional', 'required')
DEFAULT_PEM = 'server.pem'  # Twisted 0.19
HTTPS_PORT = 443


class CertificatePath(Path):
    """A path that must exist only if HTTPS is served; ``problems`` below checks it."""

    metavar = 'FILE'

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'any')
        self.metavar = 'FILE'

    def problems(self, value):
        return []


class CertificateName(HostName):
    """A name that selects a certificate: without a port, and not an address (RFC 6066 section
    3).
    """

    def parse(self, text):
        name = HostName.parse(self, text)
        if name == u'*' or u':' in name:
            raise UsageError(u'"%s" is not a host name such as blog.example or *.example' % text)
        return name


OPTIONS = [
    Option('https', Endpoint(('tcp',)), repeat=True, group=GROUP,
           help='port or endpoint for HTTPS, in addition to --port: 8443, tcp:443:interface=0.0.0.0'
           ),
    Option('certificate', CertificatePath(), short='c', default=DEFAULT_PEM, group=GROUP,
           help='PEM file of the certificate and those that signed it; "carryall cert make" makes '
                'one for a start'),
    Option('privkey', CertificatePath(), short='k', group=GROUP,
           help='PEM file of its private key; the file of the certificate unless given'),
    Option('vhost-certificate', Pair(CertificateName(), Path('file'), metavar='HOST=FILE'),
           repeat=True, group=GROUP,
           help='PEM file of certificate and key for one host, or for *.domain, selected by the '
                'name that the client sends'),
    Option('client-certificates', Choice(CLIENTS), default='no', group=GROUP,
           help='ask clients for a certificate of --client-ca, or require one'),
    Option('client-ca', Path('file'), group=GROUP,
           help='PEM file of the authorities that sign certificates of clients'),
    Flag('redirect-https', group=GROUP,
         help='answer every request by http with a redirect to https'),
    Option('hsts', Seconds(0.0), group=GROUP,
           help='tell browsers to use https alone for this time, such as 365d '
                '(Strict-Transport-Security)'),
]


def https_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The tls Endpoints that ``--https`` asks for."""
    found = []
    certificate = certificate_of(options) if options.acme else options.certificate
    for text in options.https:
        given = parse_endpoint(text, ('tcp',))
        found.append(Address('tls', given.port, given.interface, backlog=given.backlog,
                             certificate=certificate,
                             key=options.privkey, trust=options.client_ca,
                             clients=str(options.client_certificates)))
    return found


def check(options, endpoints):
    # type: (OptionValues, List[Any]) -> None
    """Raises UsageError for options that contradict each other.

    Args:     endpoints: all listeners.
    """
    secure = [endpoint for endpoint in endpoints if endpoint.kind == 'tls']
    if not secure:
        for name, value in named(options, 'privkey', 'client_ca', 'hsts'):
            if value is not None:
                raise UsageError(u'--%s is for HTTPS, and needs --https PORT' % name)
        if options.client_certificates != u'no' or options.vhost_certificate \
                or options.redirect_https:
            raise UsageError(
                u'--client-certificates, --vhost-certificate and --redirect-https are for HTTPS, '
                u'and need --https PORT')
    if options.acme and options.privkey is not None:
        raise UsageError(u'--acme makes its own key: leave --privkey away')
    if (options.client_certificates == u'no') != (options.client_ca is None):
        raise UsageError(
            u'--client-certificates and --client-ca need each other: a request for certificates '
            u'needs the authorities to trust')
    for endpoint in secure:
        # The authorities of browsers would admit everybody who buys a certificate.
        if endpoint.clients != 'no' and endpoint.trust is None:
            raise UsageError(
                u'%s asks clients for certificates, and needs the authorities: trust=FILE'
                % endpoint)
    if options.redirect_https and len(secure) == len(endpoints):
        raise UsageError(u'--redirect-https needs a port for http to redirect from')
    names = [name for name, _ in options.vhost_certificate]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(u'duplicate --vhost-certificate %s' % name)
        if options.vhost and not _is_served(name, [entry for entry, _ in options.vhost]):
            raise UsageError(u'--vhost-certificate %s needs a --vhost of this name' % name)


def _is_served(name, entries):
    # type: (str, List[str]) -> bool
    hosts = dict((entry.partition(u':')[0], True) for entry in entries)
    return name in hosts or u'*' in hosts or bool(match_name(hosts, name))


def problems(options):
    # type: (OptionValues) -> List[str]
    """The reasons why the files of ``--https`` cannot be used here and now."""
    if not options.https or options.acme:
        return []
    return [u'option --%s: file %s is missing%s' % (name, path, MAKE_CERTIFICATE)
            for name, path in named(options, 'certificate', 'privkey')
            if path is not None and not os.path.isfile(path)]


def context_of(options, endpoint):
    # type: (OptionValues, Any) -> TLSContext
    """The TLSContext of one tls endpoint, which may have files of its own."""
    names = dict((name, Identity(path)) for name, path in options.vhost_certificate)
    trust = endpoint.trust
    clients = endpoint.clients
    if clients == 'no':
        trust = options.client_ca
        clients = str(options.client_certificates)
    return TLSContext(Identity(endpoint.certificate, endpoint.key), trust, clients, ALPN, names)


def standing_fields(options):
    # type: (OptionValues) -> List[Tuple[bytes, bytes]]
    """The fields of every response over TLS; over http clients ignore them (RFC 6797 section 7.2).
    """
    if options.hsts is None:
        return []
    return [(b'Strict-Transport-Security', b'max-age=%d' % int(options.hsts))]


class Redirect(object):
    """An application that redirects to the same URL over https (RFC 9110 section 15.4).

    Args:     app: for requests by a Unix socket: they come from a proxy on this machine that
                   does the TLS, and would be redirected in a circle.
              port: called for the port of https, once it is known.
    """

    def __init__(self, app, port):
        # type: (Callable[[Request], Any], Callable[[], int]) -> None
        self._app = app
        self._port = port

    def __call__(self, request):
        # type: (Request) -> Any
        address = request.here
        if address is not None and address.port is None:
            return self._app(request)
        path = request.path
        if path[:1] != b'/':
            return error_response(request, 404)     # OPTIONS *: not a place to redirect to
        host = self._host(request)
        if host is None:
            return error_response(request, 400)
        port = self._port()
        location = b'https://' + host + (b'' if port == HTTPS_PORT else b':%d' % port) + path
        if b'?' in request.target:
            location += b'?' + request.query
        # A method other than GET must not change (RFC 9110 section 15.4.9); the oldest clients
        # know 301 only.
        status = 301 if request.method in (b'GET', b'HEAD') else 308
        response = plain_response(status)
        response.headers.set(b'Location', location)
        return response

    @staticmethod
    def _host(request):
        # type: (Request) -> Optional[bytes]
        """The host of the request, as a URL spells it; else the address of the server."""
        if request.host is not None:
            name = host_and_port(request.host)[0]
        else:
            address = request.here      # HTTP/1.0
            if address is None:
                return None
            name = address.host
        return (u'[%s]' % name if ':' in name else u'%s' % name).encode('ascii')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
    from carryall.protocols.http import Request
