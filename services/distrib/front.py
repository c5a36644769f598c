# Copyright the carryall authors.  See LICENSE.
"""The service type ``distrib``: a front end before personal servers on any machine,
selected by the first folder of a path.

    carryall distrib --mount blog=unix:/home/anna/.twistd-web-pb
    carryall distrib --mount shop=tcp:10.0.0.5:9400 --mount shop=tcp:10.0.0.6:9400
    carryall distrib --mount '*=tls:inner.example:9443' --trust ca.pem --certificate front.pem --key
    front.key

``/blog/...`` comes from the first.  Of two places with the same name, the second is asked if the
first cannot be reached; ``*`` is for all other names.  At the other end::

    carryall web --personal --port \\
        tls:9443:certificate=inner.pem:key=inner.key:clients=required:trust=ca.pem

Use tls with certificates on both sides between machines: a client that can reach a personal server
can request everything that it has.

Tests:    tests/services/distrib/test_front.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import native, to_bytes
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.tlsoptions import TLSOptions
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import UsageError
from carryall.app.optiontypes import Integer, Kind, Pair, Seconds, Text
from carryall.app.options import Option, Schema
from carryall.app.servicetypes import ServerType
from carryall.app.service import OneServer
from carryall.protocols import pb
from carryall.protocols.http import Settings, Site
from carryall.services.distrib.state import mounted_segments
from carryall.services.distrib.personalsockets import connect_to
from carryall.services.distrib.subscription import ANSWER_SECONDS, MAX_PENDING, Subscription
from carryall.services.distrib.users import with_slash
from carryall.services.web.errorpage import error_response

__all__ = ['FrontService', 'Place', 'TYPE']

# -- limits ------------------------------------------------------------------
DEFAULT_PORT = u'tcp:8080'
MAX_BODY = 1 << 40          # the highest value of the option for bodies, in octets

_HOST = re.compile(u'[A-Za-z0-9_.-]{1,253}\\Z|\\[[0-9A-Fa-f:.]+\\]\\Z')
_NAME = re.compile(u'[A-Za-z0-9_~.-]{1,64}\\Z|\\*\\Z')


class MountName(Text):
    """The first segment of a path, or ``*``."""

    metavar = 'NAME'

    def check(self, value):
        Text.check(self, value)
        if not _NAME.match(value) or value in (u'.', u'..'):
            raise UsageError(u'"%s" is not the name of a folder of the site, nor *' % value)


class Place(Kind):
    """The place of a personal server: ``tcp:HOST:PORT``, ``tls:HOST:PORT`` or ``unix:PATH``."""

    metavar = 'PLACE'

    def parse(self, text):
        self.split(text)
        return text

    def check(self, value):
        self.split(value)

    def split(self, text):
        # type: (Any) -> Tuple[str, str, Any]
        """(kind, host or path, port or None)."""
        kind, _, rest = (text if hasattr(text, 'partition') else u'').partition(u':')
        if kind == u'unix' and rest:
            return 'unix', rest, None
        host, _, digits = rest.rpartition(u':')
        port = decimal_text(digits, 65535) if kind in (u'tcp', u'tls') and _HOST.match(host) \
            else None
        if not port:
            raise UsageError(u'"%s" is not tcp:HOST:PORT, tls:HOST:PORT or unix:PATH' % (text,))
        return native(kind), native(host.strip(u'[]')), port


class FrontService(OneServer):
    """A site whose pages come from personal servers.

    Args:     options: as the options give them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'distrib')
        self._options = options
        self._mounts = {}           # type: Dict[bytes, Subscription]
        self._context = None        # type: Any

    def start(self, loop):
        options = self._options
        if any(place.startswith(u'tls:') for _, place in options.mount):
            self._context = TLS.client_context(options, loop)
        places = {}                 # type: Dict[str, List[Any]]
        for name, text in options.mount:
            places.setdefault(name, []).append(self._connector(loop, text))
        for name, found in places.items():
            self._mounts[to_bytes(name)] = Subscription(loop, found, None, options.answer_seconds,
                                                        options.max_pending)
        site = Site(self._serve, loop, Settings(body_bytes=options.max_body,
                                                 error_response=error_response))
        self.serve(loop, LISTENING.server('http', options, site))

    def _connector(self, loop, text):
        # type: (Any, str) -> Any
        """The function that connects to one place."""
        kind, host, port = Place().split(text)
        extra = Subscription.options()
        if kind == 'unix':
            return lambda: connect_to(loop, host, **extra)
        if kind == 'tls':
            return lambda: pb.connect(loop, host, port, self._context, **extra)
        return lambda: pb.connect(loop, host, port, **extra)

    def _serve(self, request):
        # type: (Any) -> Any
        segments = mounted_segments(request.path)
        if segments is None:
            return error_response(request, 400)
        mounted = self._mounts.get(segments[0]) if segments[0] != b'*' else None
        if mounted is not None:
            return with_slash(request) if len(segments) == 1 else mounted(request, 1)
        mounted = self._mounts.get(b'*')
        return error_response(request, 404) if mounted is None else mounted(request, 0)

    def release(self):
        mounts, self._mounts = self._mounts, {}
        for mounted in mounts.values():
            mounted.close()

    def reload(self):
        """Reads the certificates again; open connections stay."""
        if self._context is not None and self.loop is not None:
            self._context.reload(self.loop.tls)
        OneServer.reload(self)


def _check(options):
    # type: (OptionValues) -> None
    if not options.mount:
        raise UsageError(
            u'name a personal server, such as --mount blog=unix:/home/anna/.twistd-web-pb')
    TLS.check(options)


LISTENING = ListeningOptions(
    'port', DEFAULT_PORT, repeat=True, connections=None,
    help='port or endpoint to listen on for browsers, such as 8080 or '
         'tls:8443:certificate=site.pem;'
         ' 8080 on 127.0.0.1 unless given')
TLS = TLSOptions(key='k', trust=True, help='certificate to show to tls places')
SCHEMA = Schema([
    LISTENING,
    Option('mount', Pair(MountName(), Place()), short='m', repeat=True,
           help='/NAME/ comes from the personal server at tcp:HOST:PORT, tls:HOST:PORT or '
                'unix:PATH; a second place of the same'
                ' name is used if the first cannot be reached; * is for all other names'),
    TLS,
    Option('answer-seconds', Seconds(0.1, 86400.0), default='%d' % ANSWER_SECONDS,
           help='time that a personal server has to begin its answer; after it the status is 504'),
    Option('max-pending', Integer(1, 1000000), default='%d' % MAX_PENDING,
           help='requests under way with one personal server; more are answered with 503'),
    Option('max-body', Integer(0, MAX_BODY, 'octets'), default='%d' % (64 << 20),
           help='body of a request; larger ones are answered with 413'),
], check=_check, examples=[
    ('carryall distrib --mount blog=unix:/home/anna/.twistd-web-pb',
     '/blog/ from a personal server on this machine'),
    ("carryall distrib -m '*=tls:inner.example:9443' --trust ca.pem -c front.pem -k front.key",
     'everything from another machine'),
])


class DistribType(ServerType):
    """The type ``distrib``."""

    name = 'distrib'
    summary = 'front end before personal web servers anywhere'
    version = 1
    options = SCHEMA
    service = FrontService
    listening = LISTENING


TYPE = DistribType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
    from carryall.app.optionvalues import OptionValues
