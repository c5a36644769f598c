# Copyright the carryall authors.  See LICENSE.
"""Direct connections as they are typed and shown: `/dcc`.

    /dcc list                           /dcc get 1              /dcc refuse 1
    /dcc send NICK FILE                 /dcc chat NICK          /dcc say NICK TEXT

Nothing that others offer is taken before it is asked for.

Tests:    tests/apps/irctalk/test_directtalk.py
"""
from __future__ import absolute_import, division, print_function

from carryall.apps.irctalk.shownoctets import shown_octets
from carryall.core.codec.numbers import decimal
from carryall.core.compat import native
from carryall.core.errors import CarryallError
from carryall.protocols.irc import IRCError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict

__all__ = ['DirectTalk']

MAX_NUMBER = 1000000


class DirectTalk(object):
    """The direct connections of one conversation.

    Args:     show: called with each line of text to show.
              direct: DirectConnections.
    """

    def __init__(self, show, direct):
        # type: (Callable[[str], Any], Any) -> None
        self._show = show
        self._direct = direct
        self._seen = {}             # type: Dict[Any, int]  # Offered -> its number
        self._count = 0
        self._chats = {}            # type: Dict[bytes, Any]

    def received(self, client, message):
        # type: (Any, Any) -> bool
        """Takes a message; true if it was about direct connections."""
        taken = self._direct.received(client, message)
        if taken:
            for offered in self._direct.offers:
                if offered not in self._seen:
                    self._count += 1
                    self._seen[offered] = self._count
                    self._show(u'*** ' + self._line(offered))
        self._forget()
        return taken

    def _forget(self):
        # type: () -> None
        for offered in [each for each in self._seen if each not in self._direct.offers]:
            del self._seen[offered]

    def _line(self, offered):
        # type: (Any) -> str
        number = self._seen[offered]
        what = u'a chat' if offered.is_chat else u'the file %s' % shown_octets(offered.name)
        if offered.offer.size is not None:
            what += u' of %d octets' % offered.offer.size
        return u'%s offers %s: /dcc get %d' % (shown_octets(offered.nick), what, number)

    def typed(self, rest):
        # type: (bytes) -> None
        """Obeys what stands behind /dcc."""
        verb, _, rest = rest.partition(b' ')
        command = _COMMANDS.get(verb.lower())
        if command is None:
            self._show(u'*** /dcc list, get, refuse, send, chat, say and close are known')
            return
        try:
            command(self, rest.strip())
        except CarryallError as exc:
            self._show(u'*** %s' % exc)

    def _offered(self, word):
        # type: (bytes) -> Any
        """The offer of that number."""
        number = decimal(word, MAX_NUMBER)
        for offered, known in self._seen.items():
            if known == number:
                return offered
        raise IRCError(u'there is no such offer')

    def do_list(self, _):
        # type: (bytes) -> None
        """The offers, and the chats."""
        self._forget()
        for offered in self._direct.offers:
            if offered in self._seen:
                self._show(u'*** ' + self._line(offered))
        for nick in self._chats:
            self._show(u'*** a chat with %s' % shown_octets(nick))

    def do_get(self, rest):
        # type: (bytes) -> None
        """Takes an offer."""
        offered = self._offered(rest)
        future = self._direct.accept(offered, self._said)
        if offered.is_chat:
            future.then(lambda chat: self._begin(offered.nick, chat), self._failed)
        else:
            future.then(lambda path: self._show(u'*** %s is there' % path), self._failed)

    def do_refuse(self, rest):
        # type: (bytes) -> None
        """Refuses an offer."""
        self._direct.refuse(self._offered(rest))

    def do_send(self, rest):
        # type: (bytes) -> None
        """Offers a file."""
        nick, _, path = rest.partition(b' ')
        path = path.strip()
        sent = self._direct.send_file(nick, native(path.decode('utf-8', 'replace')))
        sent.then(lambda count: self._show(u'*** %s has %s, %d octets' % (
            shown_octets(nick), shown_octets(path), count)), self._failed)

    def do_chat(self, rest):
        # type: (bytes) -> None
        """Offers a chat."""
        self._direct.chat(rest, self._said).then(lambda chat: self._begin(rest, chat),
                                                 self._failed)

    def do_say(self, rest):
        # type: (bytes) -> None
        """Says something in a chat."""
        nick, _, text = rest.partition(b' ')
        if nick not in self._chats:
            raise IRCError(u'there is no chat with %s' % shown_octets(nick))
        self._chats[nick].say(text)
        self._show(u'=> =%s= %s' % (shown_octets(nick), shown_octets(text)))

    def do_close(self, rest):
        # type: (bytes) -> None
        """Ends a chat."""
        if rest in self._chats:
            self._chats[rest].close()

    def _begin(self, nick, chat):
        # type: (bytes, Any) -> None
        former = self._chats.get(nick)
        if former is not None:
            former.close()
        self._chats[nick] = chat
        self._show(u'*** a chat with %s: /dcc say %s TEXT' % (shown_octets(nick),
                                                            shown_octets(nick)))
        chat.done.add_done_callback(lambda _: self._ended(nick, chat))

    def _ended(self, nick, chat):
        # type: (bytes, Any) -> None
        if self._chats.get(nick) is chat:
            del self._chats[nick]
        self._show(u'*** the chat with %s has ended' % shown_octets(nick))

    def _said(self, chat, line):
        # type: (Any, bytes) -> None
        nick = [each for each, known in self._chats.items() if known is chat] or [b'?']
        self._show(u'=%s= %s' % (shown_octets(nick[0]), shown_octets(line)))

    def _failed(self, exc):
        # type: (BaseException) -> None
        if not isinstance(exc, (CarryallError, IOError, OSError)):
            raise exc
        self._show(u'*** %s' % (exc if isinstance(exc, CarryallError) else exc.strerror or exc))


_COMMANDS = {
    b'list': DirectTalk.do_list, b'get': DirectTalk.do_get, b'refuse': DirectTalk.do_refuse,
    b'send': DirectTalk.do_send, b'chat': DirectTalk.do_chat, b'say': DirectTalk.do_say,
    b'close': DirectTalk.do_close,
}
