# Copyright the carryall authors.  See LICENSE.
"""HTTPS for the web service: its options, where it listens, its TLS contexts, and the way there
from http (WEB-11, HTS-16).

    --https 8443 -c site.pem -k site.key            beside http on --port
    -p tls:8443:certificate=site.pem:key=site.key   in place of it

Old spellings: ``-c/--certificate`` and ``-k/--privkey`` are as in 0.19, with the same default,
``server.pem``; a key that is not named is taken from the certificate's file.  ``-s`` is nobody's:
0.19 had it for --https, 1.2 for --static. Versions and cipher suites are those of core/tls.  New
files are read on HUP, for the connections to come.

Tests:    tests/services/web/test_https.py, acceptance/cases/https_*.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.endpoints import Endpoint as Address
from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import UsageError
from carryall.app.optiontypes import Choice, Endpoint, Pair, Path, Seconds
from carryall.app.options import Flag, Option
from carryall.app.optionvalues import named
from carryall.core.tls import Identity, TLSContext
from carryall.core.tls.context import match_name
from carryall.protocols.http import plain_response
from carryall.services.web.hosts import HostName, host_and_port

__all__ = ['OPTIONS', 'Redirect', 'check', 'context_of', 'https_endpoints', 'problems',
           'standing_fields']

GROUP = 'https'
ALPN = ('http/1.1',)        # RFC 7301 section 6; what the engine speaks
CLIENTS = ('no', 'optional', 'required')
DEFAULT_PEM = 'server.pem'  # Twisted 0.19
HTTPS_PORT = 443


class CertificatePath(Path):
    """A path that need only be there if HTTPS is served; ``problems`` below looks."""

    metavar = 'FILE'

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'any')
        self.metavar = 'FILE'

    def problems(self, value):
        return []


class CertificateName(HostName):
    """A name that certificates are chosen by: without a port, and no address (RFC 6066 section
    3).
    """

    def parse(self, text):
        name = HostName.parse(self, text)
        if name == u'*' or u':' in name:
            raise UsageError(u'"%s" is no host name such as blog.example or *.example' % text)
        return name


OPTIONS = [
    Option('https', Endpoint(('tcp',)), repeat=True, group=GROUP,
           help='port or endpoint for HTTPS, beside --port: 8443, tcp:443:interface=0.0.0.0'),
    Option('certificate', CertificatePath(), short='c', default=DEFAULT_PEM, group=GROUP,
           help='PEM file of the certificate and those that signed it; "carryall cert make" makes '
                'one to begin with'),
    Option('privkey', CertificatePath(), short='k', group=GROUP,
           help='PEM file of its private key; that of the certificate unless given'),
    Option('vhost-certificate', Pair(CertificateName(), Path('file'), metavar='HOST=FILE'),
           repeat=True, group=GROUP,
           help='PEM file of certificate and key for one host, or for *.domain, chosen by what the '
                'client asks for'),
    Option('client-certificates', Choice(CLIENTS), default='no', group=GROUP,
           help='whether clients are asked for a certificate of --client-ca, or cannot do without'),
    Option('client-ca', Path('file'), group=GROUP,
           help='PEM file of those who sign the certificates of clients'),
    Flag('redirect-https', group=GROUP,
         help='answer all that comes by http with a redirect to https'),
    Option('hsts', Seconds(0.0), group=GROUP,
           help='tell browsers to come by https alone for so long, such as 365d '
                '(Strict-Transport-Security)'),
]


def https_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The tls Endpoints that ``--https`` asks for."""
    found = []
    for text in options.https:
        given = parse_endpoint(text, ('tcp',))
        found.append(Address('tls', given.port, given.interface, backlog=given.backlog,
                             certificate=options.certificate,
                             key=options.privkey, trust=options.client_ca,
                             clients=str(options.client_certificates)))
    return found


def check(options, endpoints):
    # type: (OptionValues, List[Any]) -> None
    """UsageError where the options contradict each other.

    Args:     endpoints: all that are listened on.
    """
    secure = [endpoint for endpoint in endpoints if endpoint.kind == 'tls']
    if not secure:
        for name, value in named(options, 'privkey', 'client_ca', 'hsts'):
            if value is not None:
                raise UsageError(u'--%s is for HTTPS, and there is no --https PORT' % name)
        if options.client_certificates != u'no' or options.vhost_certificate \
                or options.redirect_https:
            raise UsageError(
                u'--client-certificates, --vhost-certificate and --redirect-https are for HTTPS, '
                u'and there is no'
                             u' --https PORT')
    if (options.client_certificates == u'no') != (options.client_ca is None):
        raise UsageError(
            u'--client-certificates and --client-ca go together: who is asked, and whose word '
            u'counts')
    for endpoint in secure:
        # To trust whom browsers trust would let in everybody who can buy a certificate.
        if endpoint.clients != 'no' and endpoint.trust is None:
            raise UsageError(
                u'%s asks clients for certificates, and does not say who signs them: trust=FILE'
                % endpoint)
    if options.redirect_https and len(secure) == len(endpoints):
        raise UsageError(u'--redirect-https needs a port for http, from which to redirect')
    names = [name for name, _ in options.vhost_certificate]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(u'--vhost-certificate %s stands twice' % name)
        if options.vhost and not _is_served(name, [entry for entry, _ in options.vhost]):
            raise UsageError(u'--vhost-certificate %s: there is no such --vhost' % name)


def _is_served(name, entries):
    # type: (str, List[str]) -> bool
    hosts = dict((entry.partition(u':')[0], True) for entry in entries)
    return name in hosts or u'*' in hosts or bool(match_name(hosts, name))


def problems(options):
    # type: (OptionValues) -> List[str]
    """What keeps the files of ``--https`` from being used here and now."""
    if not options.https:
        return []
    return [u'option --%s: there is no file %s' % (name, path)
            for name, path in named(options, 'certificate', 'privkey')
            if path is not None and not os.path.isfile(path)]


def context_of(options, endpoint):
    # type: (OptionValues, Any) -> TLSContext
    """The settings of one tls endpoint; it may bring some of its own."""
    names = dict((name, Identity(path)) for name, path in options.vhost_certificate)
    trust = endpoint.trust
    clients = endpoint.clients
    if clients == 'no':
        trust = options.client_ca
        clients = str(options.client_certificates)
    return TLSContext(Identity(endpoint.certificate, endpoint.key), trust, clients, ALPN, names)


def standing_fields(options):
    # type: (OptionValues) -> List[Tuple[bytes, bytes]]
    """The fields of every response over TLS; over http they mean nothing (RFC 6797 section 7.2)."""
    if options.hsts is None:
        return []
    return [(b'Strict-Transport-Security', b'max-age=%d' % int(options.hsts))]


class Redirect(object):
    """An application that sends everybody to the same place over https (RFC 9110 section 15.4).

    Args:     app: for those who come by a Unix socket: that is a proxy on this machine, which
                   speaks TLS in our place, and would be sent round in a circle.
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
            return plain_response(404)      # OPTIONS *: there is no such place
        host = self._host(request)
        if host is None:
            return plain_response(400)
        port = self._port()
        location = b'https://' + host + (b'' if port == HTTPS_PORT else b':%d' % port) + path
        if b'?' in request.target:
            location += b'?' + request.query
        # What is no GET stays what it is (RFC 9110 section 15.4.9); 301 is what the oldest clients
        # know.
        status = 301 if request.method in (b'GET', b'HEAD') else 308
        response = plain_response(status)
        response.headers.set(b'Location', location)
        return response

    @staticmethod
    def _host(request):
        # type: (Request) -> Optional[bytes]
        """The host that was asked for, as a URL spells it; else the address that was."""
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
