# Copyright the carryall authors.  See LICENSE.
"""CAP and AUTHENTICATE of an IRC server (IRCv3 capability-negotiation, sasl-3.1, sasl-3.2).

A login that succeeds names the account of the user; it may be before or behind the registration.

Tests:    tests/protocols/irc/test_capabilities.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.sasl import authdialogue
from carryall.core.auth.sasl.authdialogue import AuthDialogue
from carryall.core.codec.numbers import decimal
from carryall.core.net.transport import tls
from carryall.core.patterns import Pattern
from carryall.protocols.irc import numerics
from carryall.protocols.irc.taggedlines import (ACCOUNT_NOTIFY, CAPABILITIES, CAP_NOTIFY, SASL,
                                             capability_names)
from carryall.protocols.irc.metadatacommands import MAX_KEYS, MAX_SUBS, MAX_VALUE
from carryall.protocols.irc.multilinecommands import MAX_BATCH_BYTES, MAX_BATCH_LINES
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.protocols.irc.server import IRCServer

__all__ = ['CapabilityCommands', 'account_of']

CHUNK = 400                 # octets of a response, after which more follows: sasl-3.1
MAX_CHUNKS = 16             # of one response
LINE_ROOM = 400             # octets of names in one line of CAP LS
VALUES_FROM = 302           # the version of CAP LS that has values
MAX_VERSION = 99999
MAX_ACCOUNT = 64            # octets of an account's name that is shown

# What the name of an account has not, for it is a parameter that may stand in the middle.
_NOT_ACCOUNT = Pattern(br'[\x00-\x20!%*,:@\x7f]')

# Kinds of a reply of AuthDialogue, as words: it only passes them through.
_REPLIES = {
    authdialogue.CHALLENGE: b'+',
    authdialogue.FAILED: b'failed',
    authdialogue.TOO_MANY: b'ERROR :Too many failed logins',
    authdialogue.CANCELLED: b'aborted',
    authdialogue.MALFORMED: b'failed',
    authdialogue.UNKNOWN: b'mechanisms',
    authdialogue.NEEDS_TLS: b'mechanisms',
    authdialogue.ALREADY: b'already',
    authdialogue.NO_LOGIN: b'mechanisms',
    authdialogue.UNAVAILABLE: b'failed',
}
_NUMERICS = {
    b'failed': numerics.SASL_FAIL,
    b'aborted': numerics.SASL_ABORTED,
    b'already': numerics.SASL_ALREADY,
}


class CapabilityCommands(object):
    """The commands with which a client names its capabilities and logs in."""

    __slots__ = ('_server',)

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server

    # -- CAP ---------------------------------------------------------------------------

    def cmd_cap(self, *params):
        # type: (*bytes) -> Any
        """CAP and its subcommands."""
        verb = params[0].upper()
        rest = params[1] if len(params) > 1 else b''
        method = {b'LS': self._list_all, b'LIST': self._list_chosen, b'REQ': self._request,
                  b'END': self._end}.get(verb)
        if method is None:
            self._server.reply(numerics.INVALID_CAP, [shown(params[0])])
            return None
        return method(rest)

    def _offered(self):
        # type: () -> List[bytes]
        """The names of what the server has for this client."""
        offered = self._server.network.offered
        return [name for name in sorted(CAPABILITIES) if CAPABILITIES[name] & offered
                and (name != b'sasl' or self._server.network.portal is not None)]

    def _list_all(self, version):
        # type: (bytes) -> None
        server = self._server
        if server.state == 'registering':
            server.waits_for_cap = True
        names = self._offered()
        newer = (decimal(version, MAX_VERSION) or 0) >= VALUES_FROM
        if newer:
            server.user.capabilities |= CAP_NOTIFY      # capability-negotiation: implied by 302
            names = [self._with_value(name) for name in names]
            if server.settings.sts_port is not None:
                names.append(self._sts())
        self._say(b'LS', names, newer)

    def _with_value(self, name):
        # type: (bytes) -> bytes
        if name == b'sasl':
            return b'sasl=' + b','.join(self.login().mechanisms())
        if name == b'draft/multiline':
            return name + b'=max-bytes=%d,max-lines=%d' % (MAX_BATCH_BYTES, MAX_BATCH_LINES)
        if name == b'draft/metadata-2':
            return name + b'=max-subs=%d,max-keys=%d,max-value-bytes=%d' % (MAX_SUBS, MAX_KEYS,
                                                                           MAX_VALUE)
        if name == b'draft/account-registration':
            return name + b'=before-connect,custom-account-name'
        return name

    def _sts(self):
        # type: () -> bytes
        """The capability sts, which tells clients to come by TLS (IRCv3 sts)."""
        settings = self._server.settings
        if tls(self._server.transport) is not None or self._server.is_secure:
            return b'sts=duration=%d' % settings.sts_seconds
        return b'sts=port=%d' % settings.sts_port

    def _list_chosen(self, _):
        # type: (bytes) -> None
        self._say(b'LIST', capability_names(self._server.user.capabilities), True)

    def _say(self, verb, names, several):
        # type: (bytes, List[bytes], bool) -> None
        """Sends the names, in several lines if the client knows of that."""
        lines = [[]]                    # type: List[List[bytes]]
        used = 0
        for name in names:
            used += len(name) + 1
            if several and used > LINE_ROOM:
                lines.append([])
                used = len(name) + 1
            lines[-1].append(name)
        server = self._server
        before = b':%s CAP %s %s' % (server.network.name, server.user.nick or b'*', verb)
        for place, line in enumerate(lines):
            more = b' * :' if place < len(lines) - 1 else b' :'
            server.send_own(before + more + b' '.join(line))

    def _request(self, text):
        # type: (bytes) -> None
        """Takes all of the changes, or none (capability-negotiation, "The CAP REQ subcommand")."""
        server = self._server
        if server.state == 'registering':
            server.waits_for_cap = True
        offered = self._offered()
        bits = server.user.capabilities
        for word in text.split():
            name = word.lstrip(b'-')
            if name not in offered:
                self._answer(b'NAK', text)
                return
            if word[:1] == b'-':
                bits &= ~CAPABILITIES[name]
            else:
                bits |= CAPABILITIES[name]
        server.user.capabilities = bits
        self._answer(b'ACK', text)

    def _answer(self, verb, text):
        # type: (bytes, bytes) -> None
        server = self._server
        server.send_own(b':%s CAP %s %s :%s' % (server.network.name, server.user.nick or b'*',
                                                verb, text))

    def _end(self, _):
        # type: (bytes) -> Any
        server = self._server
        if server.state == 'registering' and self._is_under_way():
            self._answered(server.auth.respond(b'*'))   # sasl-3.1: CAP END ends an exchange
        server.waits_for_cap = False
        return server.registration.try_to_register()

    def _is_under_way(self):
        # type: () -> bool
        """True if an exchange of AUTHENTICATE has begun and not ended."""
        return self._server.auth is not None and self._server.auth.mechanism is not None

    # -- AUTHENTICATE --------------------------------------------------------------------

    def login(self):
        # type: () -> Any
        """The AuthDialogue of the connection, made when it is first wanted."""
        server = self._server
        if server.auth is None:
            server.auth = AuthDialogue(server, server.network, _REPLIES, server.logged_in,
                                       _challenged)
        return server.auth

    def cmd_authenticate(self, *params):
        # type: (*bytes) -> Any
        """AUTHENTICATE (sasl-3.1)."""
        server = self._server
        if not server.user.capabilities & SASL:
            return self.spelled(b'failed')
        dialogue = self.login()
        if dialogue.mechanism is None:
            server.sasl_chunks = []
            if params[0] == b'*':
                return self.spelled(b'aborted')
            return self._answered(dialogue.begin(params[0].upper(), None))
        return self._go_on(dialogue, params[0])

    def _go_on(self, dialogue, word):
        # type: (Any, bytes) -> Any
        """Takes a part of a response; the last is shorter than the others."""
        server = self._server
        if len(word) > CHUNK or len(server.sasl_chunks) >= MAX_CHUNKS:
            dialogue.cancel()
            server.reply(numerics.SASL_TOO_LONG)
            return None
        if word == b'*':
            return self._answered(dialogue.respond(b'*'))
        if word != b'+':
            server.sasl_chunks.append(word)
        if len(word) == CHUNK:
            return None
        response = b''.join(server.sasl_chunks)
        server.sasl_chunks = []
        return self._answered(dialogue.respond(response))

    def _answered(self, reply):
        # type: (Any) -> Any
        """A line for the reply of the dialogue, or a Future of it."""
        if hasattr(reply, 'then'):
            return reply.then(self.spelled)
        return self.spelled(reply)

    def spelled(self, word):
        # type: (Any) -> None
        """Sends the line or the numeric for a word of the dialogue."""
        server = self._server
        if word is None:
            return
        if word[:12] == b'AUTHENTICATE' or word[:5] == b'ERROR':
            server.send_own(word)
            return
        if word == b'mechanisms':
            server.reply(numerics.SASL_MECHANISMS, [b','.join(self.login().mechanisms()) or b'*'])
            word = b'failed'
        server.reply(_NUMERICS[word])

    def enter(self, account, by_sasl=True):
        # type: (bytes, bool) -> None
        """Notes the account of the user, and tells the others of it (IRCv3 account-notify)."""
        server = self._server
        user = server.user
        user.account = account
        source = b'%s!%s@%s' % (user.nick or b'*', user.username or b'*', user.host)
        server.reply(numerics.LOGGED_IN, [source, account], b'You are now logged in as ' + account)
        if by_sasl:
            server.reply(numerics.SASL_SUCCESS)
        self._tell_account(account)

    def leave(self):
        # type: () -> None
        """Notes that the user has no account any more, and tells the others of it."""
        server = self._server
        user = server.user
        user.account = None
        if server.session is not None:
            server.session.logout()
            server.session = None
        if server.auth is not None:
            server.auth.restart()
        server.reply(numerics.LOGGED_OUT, [b'%s!%s@%s' % (user.nick, user.username, user.host)])
        self._tell_account(b'*')

    def _tell_account(self, account):
        # type: (bytes) -> None
        server = self._server
        user = server.user
        if server.state == 'online':
            event = server.network.event(user, b'ACCOUNT', [account])
            event.spread([other for other in server.network.neighbours(user)
                          if other.capabilities & ACCOUNT_NOTIFY])
        server.network.account_changed(user)


def account_of(name):
    # type: (Any) -> bytes
    """A user's name (text) as IRC shows it; what cannot stand in a parameter becomes %XX.

    `*` and `0` are what messages have for no account.
    """
    octets = _NOT_ACCOUNT.sub(lambda each: b'%%%02X' % ord(each.group()), name.encode('utf-8'))
    return clipped(octets, MAX_ACCOUNT) if octets not in (b'', b'0') else b'%30'


def _challenged(message):
    # type: (bytes) -> bytes
    """The line of a challenge in base64; one without octets is a plus."""
    return b'AUTHENTICATE ' + (message or b'+')
