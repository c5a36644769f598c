# Copyright the carryall authors.  See LICENSE.
"""The options of a service that listens: endpoints, limits of connections, PROXY headers.

    LISTENING = ListeningOptions('port', 'tcp:1080', interface='i', connections=1000, per_address=0)

    LISTENING.endpoints(options)            # a list of Endpoint
    LISTENING.limits(options)               # a ConnectionLimits
    LISTENING.server('socks', options, factory)     # a StreamServer with both

RelayOptions have their own place in the help, and are given to the group that they concern:

    RELAYS = RelayOptions()
    LISTENING = ListeningOptions(relays=RELAYS)

Tests:    tests/app/test_optiongroup.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.clientoptions import NetworkText
from carryall.app.endpoints import STREAMS, parse_endpoint
from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import Endpoint, Integer, Interface
from carryall.app.service import StreamServer
from carryall.core.wrap.policies import ConnectionLimits
from carryall.core.wrap.proxyprotocol import ProxyProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['LOOPBACK', 'ListeningOptions', 'RelayOptions']

# -- limits ------------------------------------------------------------------
MAX_CONNECTIONS = 1000000       # the highest bound on connections that makes sense

LOOPBACK = '127.0.0.1'
HELP = 'port or endpoint to listen on'
RELAYS_HELP = ('clients are relays of this network, and name their clients by the '
               'PROXY protocol')
INTERFACE_HELP = 'address to listen on where the endpoint names none; 0.0.0.0 for all networks'


class ListeningOptions(OptionGroup):
    """``--port``, ``--interface``, ``--max-connections`` and ``--max-per-address``.

    An endpoint without an interface gets that of ``--interface``, or 127.0.0.1 without that option:
    by default a service is for this machine alone.

    Args:     option:      name of the option that takes endpoints; None if the service has its own.
              default:     the endpoint if none is given; None for none.
              kinds:       of endpoints that the service can serve.
              repeat:      may be given many times.
              interface:   letter of ``--interface``; empty for the option without a letter, None
                           for no such option.
              connections: default of ``--max-connections``; 0 for no bound,
                           None for no such option.
              most:        the highest value.
              per_address: default of ``--max-per-address``; 0 and None likewise.
              group:       heading of the first two in the help.
              limits:      heading of the others.
              relays:      RelayOptions of the same schema.
    """

    def __init__(self,
                 option='port',             # type: Optional[str]
                 default=None,              # type: Optional[str]
                 kinds=STREAMS,             # type: Sequence[str]
                 short='p',                 # type: Optional[str]
                 repeat=False,              # type: bool
                 help=HELP,                 # type: str
                 interface=None,            # type: Optional[str]
                 connections=0,             # type: Optional[int]
                 most=MAX_CONNECTIONS,      # type: int
                 connections_help='connections at the same time',   # type: str
                 per_address=None,          # type: Optional[int]
                 group='options',           # type: str
                 limits='options',          # type: str
                 relays=None                # type: Optional[RelayOptions]
                 ):
        # type: (...) -> None
        self._default = default
        self._kinds = tuple(kinds)
        self._interface = interface
        self._per_address = per_address
        self._connections = connections
        self._relays = relays
        found = []                  # type: List[Option]
        if option is not None:
            found.append(Option(option, Endpoint(kinds), short, None if repeat else default, help,
                                repeat=repeat, group=group))
            self._attribute = found[0].attribute
        if interface is not None:
            # Types with the letter have kept the text as given; their taps must still load.
            found.append(Option('interface', Interface(bool(interface)), interface or None,
                                LOOPBACK, INTERFACE_HELP, group=group))
        if connections is not None:
            found.append(Option('max-connections', Integer(1, most), None, _text(connections),
                                connections_help, group=limits))
        if per_address is not None:
            found.append(Option('max-per-address', Integer(1, most), None, _text(per_address),
                                'the same, of one client address', group=limits))
        OptionGroup.__init__(self, found)

    # -- endpoints ---------------------------------------------------------------------------------

    def endpoints(self, options, otherwise=None):
        # type: (OptionValues, Optional[Sequence[str]]) -> List[Any]
        """The Endpoints to listen on.

        Args:     otherwise: texts to use if none is given; the group's default if left out.
        """
        value = getattr(options, self._attribute)
        texts = value if isinstance(value, list) else [value]
        if value in (None, []):
            texts = [self._default] if otherwise is None else otherwise
        return [self.endpoint(text, options) for text in texts]

    def endpoint(self, text, options):
        # type: (str, OptionValues) -> Any
        """The Endpoint of a text, on the interface of the options if it names none."""
        endpoint = parse_endpoint(text, self._kinds)
        if endpoint.interface == '':
            endpoint.interface = self._listened(options)
        return endpoint

    def _listened(self, options):
        # type: (OptionValues) -> str
        if self._interface is None:
            return LOOPBACK
        return str(Interface().parse(options.interface))

    # -- limits ------------------------------------------------------------------------------------

    def limits(self, options, refusal=b'', clock=None):
        # type: (OptionValues, bytes, Any) -> ConnectionLimits
        """The bounds on connections; *refusal* and *clock* as of ConnectionLimits."""
        total = None if self._connections is None else options.max_connections
        per_address = None if self._per_address is None else options.max_per_address
        return ConnectionLimits(total, per_address, refusal, clock)

    # -- both --------------------------------------------------------------------------------------

    def server(self, name, options, factory, context=None, limits=None, endpoints=None, loop=None):
        # type: (str, Any, Callable[[], Any], Any, Any, Any, Any) -> StreamServer
        """A stopped StreamServer for *factory*.

        Args:     context:   as of StreamServer.
                  limits:    ConnectionLimits that it shares with others; by default its own.
                  endpoints: by default those of the options.
                  loop:      needed by a group with RelayOptions.

        The options may be None if limits and endpoints are given.
        """
        if limits is None:
            limits = self.limits(options)
        if endpoints is None:
            endpoints = self.endpoints(options)
        if limits.total is not None or limits.per_address is not None:
            factory = limits.wrap(factory)
        if self._relays is not None:
            # Outermost: limits and networks concern the client, not the relay before us.
            factory = self._relays.wrap(options, loop, factory)
        return StreamServer(name, factory, endpoints, context)


class RelayOptions(OptionGroup):
    """``--expect-proxy``."""

    def __init__(self):
        # type: () -> None
        OptionGroup.__init__(self, [
            Option('expect-proxy', NetworkText(), repeat=True, help=RELAYS_HELP)])

    @staticmethod
    def wrap(options, loop, factory):
        # type: (OptionValues, Any, Callable[[], Any]) -> Callable[[], Any]
        """*factory*, behind the header of the relays if there are any."""
        if not options.expect_proxy:
            return factory
        return ProxyProtocol(loop, options.expect_proxy).wrap(factory)


def _text(number):
    # type: (int) -> Optional[str]
    return '%d' % number if number else None
