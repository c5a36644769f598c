# Copyright the carryall authors.  See LICENSE.
"""The option of a service that serves the clients of some networks alone.

    CLIENTS = ClientOptions('network of the clients that are answered; everybody unless given')
    ...
    admits = CLIENTS.admits(options)
    admits('192.0.2.1')

Tests:    tests/app/test_optiongroup.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import Text
from carryall.core.net.networks import Network, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable
    from carryall.app.optionvalues import OptionValues

__all__ = ['ClientOptions', 'NetworkText']


class NetworkText(Text):
    """A network such as 10.0.0.0/8, as core/net/networks.py has them."""

    metavar = 'NETWORK'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 64)

    def check(self, value):
        Text.check(self, value)
        Network(value)


class ClientOptions(OptionGroup):
    """``--allow``."""

    def __init__(self, help):
        # type: (str) -> None
        OptionGroup.__init__(self, [Option('allow', NetworkText(), repeat=True, help=help)])

    def admits(self, options):
        # type: (OptionValues) -> Callable[[str], bool]
        """A function, true for a host that is served; a client without an address, on a Unix
        socket, is."""
        networks = [Network(text) for text in options.allow]
        return lambda host: not networks or not host or within(host, networks)
