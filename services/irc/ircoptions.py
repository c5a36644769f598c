# Copyright the carryall authors.  See LICENSE.
"""Kinds of the options of the IRC service: names, operators, gateways, connection classes.

    --oper ann=admin
    --webirc 10.0.0.5=secret
    --connection-class office=10.0.0.0/8,burst=100,rate=20,connections=500

Tests:    tests/services/irc/test_ircoptions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountName
from carryall.app.clientoptions import NetworkText
from carryall.app.optiontypes import Choice, Pair, Text
from carryall.core.codec.numbers import decimal
from carryall.core.errors import UsageError
from carryall.core.net.networks import Network
from carryall.core.patterns import Pattern
from carryall.protocols.irc import (OPERATOR_CLASSES, ConnectionClass, ConnectionClasses, Gateway,
                                    Operator)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['ClassKind', 'ClassText', 'GatewayKind', 'OperatorKind', 'ServerName', 'classes_of',
           'gateways_of', 'operators_of']

MAX_VALUE = 1000000         # of a number of a class

_NAME = Pattern(u'[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\\Z')

# Name in the text -> that of Settings, or None: it is one of the class itself.
_NUMBERS = {
    u'burst': 'burst', u'rate': 'rate', u'max-channels': 'max_channels', u'ping': 'ping_seconds',
    u'backlog': 'max_backlog', u'unread': 'max_unread', u'connections': None,
    u'per-address': None,
}   # type: Dict[str, Optional[str]]


class ServerName(Text):
    """A name of letters, digits, dots and hyphens."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 63)

    def check(self, value):
        Text.check(self, value)
        if _NAME.match(value) is None:
            raise UsageError(u'"%s" is no name of letters, digits, dots and hyphens' % value)


class OperatorKind(Pair):
    """ACCOUNT=CLASS."""

    def __init__(self):
        # type: () -> None
        names = sorted(name.decode('ascii') for name in OPERATOR_CLASSES)
        Pair.__init__(self, AccountName(), Choice(names))


class GatewayKind(Pair):
    """NETWORK=PASSWORD."""

    def __init__(self):
        # type: () -> None
        Pair.__init__(self, NetworkText(), Text(1, 255, 'PASSWORD'))


class ClassText(Text):
    """NETWORK,LIMIT=NUMBER,..."""

    metavar = 'NETWORK,LIMIT=NUMBER'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        _parts(value)


class ClassKind(Pair):
    """NAME=NETWORK,LIMIT=NUMBER,..."""

    def __init__(self):
        # type: () -> None
        Pair.__init__(self, ServerName(), ClassText())


def _parts(text):
    # type: (str) -> Tuple[List[Network], Dict[str, int]]
    """(networks, numbers by name) of a class."""
    networks = []                   # type: List[Network]
    numbers = {}                    # type: Dict[str, int]
    for word in text.split(u','):
        name, equals, value = word.partition(u'=')
        if not equals:
            networks.append(Network(word))
            continue
        number = decimal(value.encode('ascii', 'replace'), MAX_VALUE)
        if name not in _NUMBERS or not number:
            raise UsageError(u'"%s" is no limit of a connection class; there are: %s'
                             % (word, u', '.join(sorted(_NUMBERS))))
        numbers[name] = number
    if not networks:
        raise UsageError(u'"%s" names no network' % text)
    return networks, numbers


def classes_of(pairs, settings):
    # type: (Any, Any) -> Any
    """The ConnectionClasses of option values; None without any."""
    rows = []                       # type: List[ConnectionClass]
    for name, text in pairs:
        networks, numbers = _parts(text)
        chosen = {}                 # type: Dict[str, Any]
        for word, number in numbers.items():
            attribute = _NUMBERS[word]
            if attribute is not None:
                chosen[attribute] = number
        rows.append(ConnectionClass(name.encode('ascii'), networks, settings.replace(**chosen),
                                    numbers.get(u'connections'), numbers.get(u'per-address')))
    return ConnectionClasses(settings, rows) if rows else None


def operators_of(pairs):
    # type: (Any) -> Dict[bytes, Operator]
    """The Operators of option values, by the name of their account."""
    found = {}                      # type: Dict[bytes, Operator]
    for name, kind in pairs:
        octets = name.encode('utf-8')
        found[octets] = Operator(octets, OPERATOR_CLASSES[kind.encode('ascii')])
    return found


def gateways_of(pairs):
    # type: (Any) -> List[Gateway]
    """The Gateways of option values."""
    return [Gateway(password.encode('utf-8'), [Network(text)]) for text, password in pairs]
