# Copyright the carryall authors.  See LICENSE.
"""The base of the services that users write to: NickServ, ChanServ and others.

    class MemoServ(ServiceBase):
        name = b'MemoServ'
        commands = (ServiceCommand(b'SEND', 'send', 2, b'SEND nick text'), ...)

        def send(self, user, account, words): ...       a text, a list of texts, or a Future of them

Tests:    tests/services/irc/test_chatservices.py
"""
from __future__ import absolute_import, division, print_function

from operator import attrgetter

from carryall.core.future import Return, as_future, coroutine
from carryall.core.records import namedtuple
from carryall.protocols.irc import AccountRefused, clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.protocols.irc import User

__all__ = ['ServiceBase', 'ServiceCommand']

MAX_ANSWER = 400            # octets of a line


class ServiceCommand(namedtuple('ServiceCommand', 'verb method least syntax needs')):
    """A command of a service.

    Attributes:
        verb: bytes.
        method: the name of the method: (user, its Account or None, words) -> an answer.
        least: words that it needs.
        syntax: for HELP.
        needs: 'account' if the user must have logged in, the privilege of operators that it needs,
            or ''.
    """

    __slots__ = ()


class ServiceBase(object):
    """One service.

    Args:     network: a KeptNetwork.

    Attributes:
        name: as users write to it.
        commands: ServiceCommands.
    """

    name = b''
    commands = ()                       # type: Tuple[ServiceCommand, ...]

    def __init__(self, network):
        # type: (Any) -> None
        self.network = network

    @coroutine
    def query(self, user, text):
        # type: (User, bytes) -> Any
        """Obeys a text of a user, and answers by notices."""
        words = text.split()
        verb = words[0].upper() if words else b'HELP'
        found = [command for command in self.commands if command.verb == verb]
        try:
            answer = yield as_future(self._answer(user, found, verb, words[1:]))
        except AccountRefused as exc:
            answer = exc.text
        lines = answer if isinstance(answer, list) else [answer]
        for line in lines:
            if line is not None:
                self.tell(user, line)
        raise Return(None)

    def _answer(self, user, found, verb, words):
        # type: (User, List[ServiceCommand], bytes, List[bytes]) -> Any
        if verb == b'HELP':
            return [b'Commands of ' + self.name + b':'] + [each.syntax for each in self.commands]
        if not found:
            return b'Unknown command; HELP lists them'
        command = found[0]
        account = self.network.accounts.get(user.account)
        if command.needs == 'account' and account is None:
            return b'You must log in first'
        if (command.needs not in ('', 'account')
                and not user.may(command.needs.encode('ascii'))):
            return b'You must be an operator with that right'
        if len(words) < command.least:
            return b'Syntax: ' + command.syntax
        return attrgetter(command.method)(self)(user, account, words)

    def tell(self, user, text):
        # type: (User, bytes) -> None
        """Sends a notice of the service to a user."""
        source = self.name + b'!services@' + self.network.name
        user.deliver(self.network.event_from(source, b'NOTICE',
                                             [user.nick, clipped(text, MAX_ANSWER)]))
