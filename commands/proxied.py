# Copyright the carryall authors.  See LICENSE.
"""``--proxy`` of the client commands: one option, and the loop that it makes of another.

Secrets:  the password of a proxy comes from the environment (CARRYALL_PROXY_PASSWORD),
          never from the command line.
Tests:    tests/commands/test_proxied.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import Option
from carryall.app.proxies import (PASSWORD_VARIABLE, ProxyKind, Through, environment_password,
                                  parse_proxy)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['OPTION', 'PASSWORD_VARIABLE', 'proxy_of', 'through']

OPTION = Option('proxy', ProxyKind(), help='go through this proxy: socks5h://host:1080, '
                                           'socks4a://..., http://host:3128; its '
                                           'password is in ' + PASSWORD_VARIABLE)


def proxy_of(text):
    # type: (Optional[str]) -> Any
    """The Proxy that an option names, with its password; None for None."""
    if text is None:
        return None
    return parse_proxy(text, environment_password())


def through(loop, options):
    # type: (Any, OptionValues) -> Any
    """*loop*, or one whose connections go through the proxy that the values name."""
    proxy = proxy_of(options.proxy)
    return loop if proxy is None else Through(loop, proxy)
