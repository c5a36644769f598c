# Copyright the carryall authors.  See LICENSE.
"""MailRelay: sends the messages of a mail server for tests on to a real server, by rules.

    relay = MailRelay(loop, u'127.0.0.1:25', rules=[u'deny *', u'allow *@example.org'])
    relay.take(row)

Tests:    tests/services/testservers/test_relayrules.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import coroutine
from carryall.protocols import smtp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Text, Tuple

__all__ = ['MailRelay', 'RelayRules', 'place_of']

WORDS = {u'allow': True, u'deny': False}


def place_of(text):
    # type: (Text) -> Tuple[str, int]
    """(host, port) of HOST:PORT.

    Raises:   UsageError: it is something else.
    """
    host, _, port = text.rpartition(u':')
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(u'"%s" is not HOST:PORT' % text)
    return native(host.strip(u'[]')), int(port)


class RelayRules(object):
    """Rules for the recipients of messages that are sent on; the last one that matches decides.

    Args:     rules: texts such as `deny *` and `allow *@example.org`; an asterisk stands for
                  any characters.  A recipient that none matches is allowed.
    Raises:   UsageError: a rule is something else.
    """

    def __init__(self, rules):
        # type: (Sequence[Text]) -> None
        self._rows = []             # type: List[Tuple[bool, Any]]
        for rule in rules:
            word, _, pattern = rule.strip().partition(u' ')
            if word not in WORDS or not pattern.strip():
                raise UsageError(u'"%s" is not "allow PATTERN" or "deny PATTERN"' % rule)
            parts = [re.escape(part) for part in pattern.strip().split(u'*')]
            self._rows.append((WORDS[word], re.compile(u'.*'.join(parts) + u'\\Z',
                                                       re.IGNORECASE | re.DOTALL)))

    def allows(self, address):
        # type: (Text) -> bool
        """True if mail for *address* is sent on."""
        for allowed, pattern in reversed(self._rows):
            if pattern.match(address):
                return allowed
        return True


class MailRelay(object):
    """Sends messages on to one server.

    Args:     place: HOST:PORT of the server.
              rules: as RelayRules has them.
              to: an address that gets all messages, in place of their recipients.
              login: (name, password), or None; a password is not shown in clear.
              policy: of TLS, as in ``smtp.ClientSettings``.

    Attributes:
        errors: texts about the messages that could not be sent on.
    """

    def __init__(self, loop, place, rules=(), to=None, login=None, policy=smtp.MAY):
        # type: (Any, Text, Sequence[Text], Any, Any, str) -> None
        self.errors = []            # type: List[Text]
        self._loop = loop
        self._place = place_of(place)
        self._rules = RelayRules(rules)
        self._to = to
        name, password = login or (None, None)
        self._settings = smtp.ClientSettings(policy=policy, username=name, password=password,
                                              clear_auth=False)

    @coroutine
    def take(self, row):
        # type: (Dict[str, Any]) -> Any
        """Sends a message on to the recipients that the rules allow.

        Args:     row: with ``sender``, ``recipients`` and ``data``.
        """
        recipients = [each for each in row['recipients'] if self._rules.allows(each)]
        if self._to is not None and recipients:
            recipients = [self._to]
        if not recipients:
            return
        message = smtp.Outgoing(to_bytes(row['sender']), [to_bytes(each) for each in recipients],
                                row['data'])
        try:
            replies = yield smtp.send(self._loop, self._place[0], self._place[1], [message],
                                      self._settings)
        except FAILURES as exc:
            self.errors.append(u'%s: %s' % (u', '.join(recipients), exc))
            return
        for address, reply in zip(recipients, replies[0]):
            if reply.code >= 300:
                text = b' '.join(reply.lines).decode('utf-8', 'replace')
                self.errors.append(u'%s: %d %s' % (address, reply.code, text))
