# Copyright the carryall authors.  See LICENSE.
"""Rules of a proxy: which clients may reach which targets.

    allow user ann to *.example.org port 80,443
    deny  to 10.0.0.0/8
    allow from 192.0.2.0/24 command connect,udp
    deny

The first rule that matches decides; a field that it lacks matches everything.  If no rule matches,
``default`` decides.  With ``shielded``, for a proxy that strangers reach, addresses that are not
public need a rule that names them.  Otherwise such a proxy would open this machine and its
neighbours to strangers.

A destination given by name is judged by the name and by each of its addresses.  So a rule about a
network holds for a name that leads into it.  A rule with ``*.example.org`` or ``host.example`` is
about names alone.

Tests:    tests/protocols/socks/test_rules.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import UsageError
from carryall.core.net.ip import packed
from carryall.core.net.networks import Network, within
from carryall.core.net.addressguard import AddressGuard
from carryall.protocols.socks.wire import COMMAND_NAMES

__all__ = ['Rule', 'Rules', 'parse_rules']

# -- limits ------------------------------------------------------------------
MAX_RULES = 10000           # of one file
MAX_RULE = 1024             # characters of one

_PUBLIC = AddressGuard()


class Rule(object):
    """One rule, from its text.

    Raises:   UsageError: it cannot be understood.
    """

    __slots__ = ('text', 'allow', '_sources', '_users', '_networks', '_names', '_ports',
                 '_commands')

    def __init__(self, text):
        # type: (str) -> None
        self.text = text
        words = text.split()
        if len(text) > MAX_RULE or not words or words[0] not in (u'allow', u'deny') \
                or len(words) % 2 == 0:
            raise UsageError(u'"%s" is not a rule such as "allow from NET user NAME to NET port '
                             u'80-443 command connect"'
                             % text[:MAX_RULE])
        self.allow = words[0] == u'allow'
        self._sources = None        # type: Optional[List[Network]]
        self._users = None          # type: Optional[List[bytes]]
        self._networks = None       # type: Optional[List[Network]]
        self._names = None          # type: Optional[List[str]]
        self._ports = None          # type: Optional[List[Tuple[int, int]]]
        self._commands = None       # type: Optional[List[int]]
        seen = set()                # type: Set[str]
        for field, value in zip(words[1::2], words[2::2]):
            if field in seen:
                raise UsageError(u'"%s": duplicate %s' % (text, field))
            seen.add(field)
            self._read(field, value.split(u','))

    def _read(self, field, parts):
        # type: (str, List[str]) -> None
        if field == u'from':
            self._sources = [Network(part) for part in parts]
        elif field == u'user':
            self._users = [part.encode('utf-8') for part in parts]
        elif field == u'to':
            self._networks = [Network(part) for part in parts if _is_network(part)]
            self._names = [_pattern(part) for part in parts if not _is_network(part)]
        elif field == u'port':
            self._ports = [_ports(part) for part in parts]
        elif field == u'command':
            numbers = dict((name, number) for number, name in COMMAND_NAMES.items())
            if set(parts) - set(numbers):
                raise UsageError(u'"%s": a command is one of connect, bind, udp' % self.text)
            self._commands = [numbers[part] for part in parts]
        else:
            raise UsageError(u'"%s": %s is none of from, user, to, port, command'
                             % (self.text, field))

    @property
    def names_place(self):
        # type: () -> bool
        """True if it names a destination other than "anywhere"."""
        return bool(self._names) or any(network.text != u'*' for network in self._networks or ())

    def matches(self, request, source, address):
        # type: (Request, str, Optional[str]) -> Optional[bool]
        """True if the rule applies; None if that depends on the address, which is unknown.

        Args:     source: the client's numeric address.
                  address: the numeric destination; None while only its name is known.
        """
        if self._commands is not None and request.command not in self._commands:
            return False
        if self._sources is not None and not within(source, self._sources):
            return False
        if self._users is not None and request.user not in self._users:
            return False
        if self._ports is not None and not any(low <= request.port <= high
                                               for low, high in self._ports):
            return False
        if self._networks is None:
            return True
        if packed(request.host) is None and any(_fits(request.host, name)
                                                for name in self._names or ()):
            return True
        if address is None:
            return None if self._networks else False
        return within(address, self._networks)


def _is_network(part):
    # type: (str) -> bool
    return part == u'*' or u'/' in part or u':' in part or not part.strip(u'0123456789.')


def _pattern(part):
    # type: (str) -> str
    name = part[2:] if part.startswith(u'*.') else part
    if not name or u'*' in name or any(not u'!' <= char <= u'~' for char in name):
        raise UsageError(u'"%s" is neither a network nor a host name such as *.example.org' % part)
    return native(part.lower().rstrip(u'.').encode('ascii'))


def _fits(host, pattern):
    # type: (str, str) -> bool
    host = host.lower().rstrip('.')
    return host.endswith(pattern[1:]) if pattern.startswith('*.') else host == pattern


def _ports(part):
    # type: (str) -> Tuple[int, int]
    first, dash, last = part.partition(u'-')
    low = decimal_text(first, 65535)
    high = decimal_text(last, 65535) if dash else low
    if low is None or high is None or low > high:
        raise UsageError(u'"%s" is not a port, nor ports such as 6660-6669' % part)
    return low, high


class Rules(object):
    """All rules of a proxy.

    Args:     default: true to allow requests that no rule matches.
              shielded: true if addresses that are not public need a rule of their own.
    """

    def __init__(self, rules=(), default=True, shielded=False):
        # type: (Iterable[Rule], bool, bool) -> None
        self._rules = list(rules)
        self._default = default
        self._shielded = shielded

    def permits_name(self, request, source):
        # type: (Request, str) -> bool
        """Judges a request before its addresses are known; False if every address is denied."""
        for rule in self._rules:
            found = rule.matches(request, source, None)
            if found is None:
                return True         # it depends on the addresses
            if found:
                return rule.allow
        return self._default

    def permits(self, request, source, address):
        # type: (Request, str, str) -> bool
        """True if *source* may have the request done with the numeric *address* as destination."""
        for rule in self._rules:
            if rule.matches(request, source, address):
                if not rule.allow or not self._shielded or rule.names_place:
                    return rule.allow
                return _PUBLIC.permits(address)
        if self._shielded and not _PUBLIC.permits(address):
            return False
        return self._default


def parse_rules(lines):
    # type: (Iterable[str]) -> List[Rule]
    """The rules of a file's lines; ``#`` begins a comment.  UsageError says which line is wrong."""
    rules = []                      # type: List[Rule]
    for number, line in enumerate(lines):
        line = line.partition(u'#')[0].strip()
        if line:
            try:
                rules.append(Rule(line))
            except UsageError as exc:
                raise UsageError(u'line %d: %s' % (number + 1, exc.message))
        if len(rules) > MAX_RULES:
            raise UsageError(u'there are more than %d rules' % MAX_RULES)
    return rules


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Set, Tuple
    from carryall.protocols.socks.wire import Request
