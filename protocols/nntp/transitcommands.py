# Copyright the carryall authors.  See LICENSE.
"""Commands that bring articles: POST, IHAVE, CHECK and TAKETHIS.

The answers of CHECK and TAKETHIS come in the order of the commands, while later articles are read
already: many are on their way to the disk at the same time (RFC 4644 section 2.1).

Tests:    tests/protocols/nntp/test_transit.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.activity import tell
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, completed
from carryall.core.line.transparency import DataReader
from carryall.core.logs import get_logger
from carryall.core.net.transport import peer
from carryall.protocols.nntp.article import is_message_id
from carryall.protocols.nntp.newsroom import ACCEPTED, HAVE, LATER, REFUSED, WANTED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.protocols.nntp.server import NNTPServer

__all__ = ['STREAMED', 'TransitCommands']

STREAMED = frozenset((b'CHECK', b'TAKETHIS'))

POST = 'POST'
IHAVE = 'IHAVE'
TAKETHIS = 'TAKETHIS'

# Codes of the replies, by what becomes of an article (RFC 3977 section 6.3, RFC 4644 section 2.5)
_IHAVE = {ACCEPTED: b'235 Article transferred', HAVE: b'437 ', LATER: b'436 ', REFUSED: b'437 '}
_POST = {ACCEPTED: b'240 Article received ', HAVE: b'441 ', LATER: b'441 ', REFUSED: b'441 '}
_CHECK = {WANTED: b'238 ', HAVE: b'438 ', LATER: b'431 '}

log = get_logger('nntp')


class TransitCommands(object):
    """The articles that one peer sends.

    Attributes:
        waiting: replies to CHECK and TAKETHIS that have not been sent, oldest first; each is
            [reply or None].
    """

    __slots__ = ('waiting', '_server', '_reader', '_verb', '_message_id', '_refusal', '_room',
                 '_idle')

    def __init__(self, server):
        # type: (NNTPServer) -> None
        self._server = server               # type: Any
        self.waiting = deque()              # type: deque
        self._reader = None                 # type: Optional[DataReader]  # of the present article
        self._verb = ''
        self._message_id = b''
        self._refusal = None                # type: Optional[bytes]  # read the article, say this
        self._room = None                   # type: Optional[Future]
        self._idle = []                     # type: List[Future]

    def close(self):
        # type: () -> None
        """The connection is gone."""
        self._server = None
        self._reader = None
        self.waiting.clear()
        idle, self._idle = self._idle, []
        for future in idle:
            future.cancel()

    # -- commands ------------------------------------------------------------

    def cmd_post(self):
        # type: () -> Any
        """POST (RFC 3977 section 6.3.1)."""
        server = self._server
        if not server.may_post():
            if server.service.settings.posting == 'accounts':
                return b'480 Authentication required'
            return b'440 Posting not permitted'
        self._message_id = server.service.make_message_id()
        self._begin(POST)
        return b'340 Ok, recommended message-ID ' + self._message_id

    def cmd_ihave(self, message_id):
        # type: (bytes) -> Any
        """IHAVE (RFC 3977 section 6.3.2)."""
        self._check_feeder()
        if not is_message_id(message_id):
            return b'435 Invalid message-id'
        return self._server.service.wanted(message_id).then(
            lambda answer: self._offered(message_id, answer))

    def _offered(self, message_id, answer):
        # type: (bytes, str) -> Optional[bytes]
        if self._server is None:
            return None
        if answer == HAVE:
            return b'435 Duplicate'
        if answer == LATER:
            return b'436 Try again later'
        self._message_id = message_id
        self._begin(IHAVE)
        return b'335 Send it'

    def cmd_check(self, message_id):
        # type: (bytes) -> Any
        """CHECK (RFC 4644 section 2.4)."""
        self._check_feeder()
        slot = self._add_slot()
        if not is_message_id(message_id):
            self._fill(slot, b'438 ' + message_id)
            return None
        asked = self._server.service.wanted(message_id)
        asked.add_done_callback(lambda future: self._fill(slot, _offer_reply(future, message_id)))
        return self._when_room()

    def cmd_takethis(self, rest):
        # type: (bytes) -> Any
        """TAKETHIS (RFC 4644 section 2.5): the article follows, whatever we think of it."""
        self._refusal = None
        self._message_id = rest.strip()
        if not self._server.may_feed():
            self._refusal = b'480 ' if self._server.service.portal is not None else b'502 '
            self._refusal += b'Streaming not permitted'
        elif not is_message_id(self._message_id):
            self._refusal = b'439 ' + (self._message_id.split(None, 1) or [b'<>'])[0]
        self._begin(TAKETHIS)
        return None

    def _check_feeder(self):
        # type: () -> None
        server = self._server
        if not server.may_feed():
            if server.service.portal is not None and server.user is None:
                reply = b'480 Authentication required'
            else:
                reply = b'502 Transfer of articles not permitted'
            raise RemoteProtocolError(u'no feeder', reply=reply)

    # -- an article ----------------------------------------------------------

    def _begin(self, verb):
        # type: (str) -> None
        server = self._server
        self._verb = verb
        self._reader = DataReader(server.settings.max_article)
        server.set_raw_mode()
        server.deadline = server.sweeper.now + server.settings.article_seconds

    def article_came(self, data):
        # type: (bytes) -> None
        """Takes a piece of the article."""
        server = self._server
        reader = self._reader               # type: Any
        rest = reader.feed(data)
        if rest is None:
            return
        self._reader = None
        server.restart_idle()
        server.progress(server.settings.unproductive_seconds)
        if self._verb == TAKETHIS:
            self._take(reader)
        else:
            self._answer(reader)
        server.set_line_mode(rest)

    def _answer(self, reader):
        # type: (Any) -> None
        """Files the article of POST or IHAVE, and answers."""
        server = self._server
        verb = self._verb
        message_id = self._message_id
        if reader.too_big:
            text = b'441 ' if verb == POST else b'437 '
            server.send_line(text + b'Article of more than %d octets' % server.settings.max_article)
        elif verb == POST:
            server.answer_with(
                lambda: server.service.post(reader.message, server.user, message_id),
                lambda verdict: self._spelled(_POST, verb, verdict, len(reader.message)))
        else:
            server.answer_with(
                lambda: server.service.transfer(reader.message, message_id),
                lambda verdict: self._spelled(_IHAVE, verb, verdict, len(reader.message)))

    def _spelled(self, codes, verb, verdict, octets):
        # type: (Any, str, Any, int) -> Any
        if not isinstance(verdict, Verdict):
            return verdict                  # the reply to a failure
        server = self._server
        if server is None:
            return None
        well = verdict.kind == ACCEPTED
        tell(server.transport, u'%s %s' % (verb, verdict.message_id.decode('latin-1')),
             verdict.kind, octets, well=well, user=server.user)
        if not well:
            log.info('%s: %s refused: %s', peer(server.transport), verb,
                     verdict.text.decode('latin-1'))
        if well and verb == POST:
            return codes[ACCEPTED] + verdict.message_id
        return codes[verdict.kind] + verdict.text

    # -- streaming -----------------------------------------------------------

    def _take(self, reader):
        # type: (Any) -> None
        """Files the article of TAKETHIS; the reply waits for its turn."""
        server = self._server
        slot = self._add_slot()
        message_id = self._message_id
        if self._refusal is not None or reader.too_big:
            self._fill(slot, self._refusal or b'439 ' + message_id)
            return
        filed = server.service.transfer(reader.message, message_id)
        filed.add_done_callback(lambda future: self._filed(slot, message_id, future))
        room = self._when_room()
        if room is not None:
            server.answer_with(lambda: room, _nothing)

    def _filed(self, slot, message_id, future):
        # type: (List[Any], bytes, Future) -> None
        exc = future.exception()
        verdict = None if exc is not None else future.result()
        if verdict is None or verdict.kind == LATER and verdict.text != b'On its way already':
            # RFC 4644 section 2.5.1: a server that cannot keep articles has to close.
            self._fill(slot, b'400 Articles cannot be kept now', True)
        elif verdict.kind == ACCEPTED:
            self._fill(slot, b'239 ' + message_id)
        else:
            self._fill(slot, b'439 ' + message_id)

    def _add_slot(self):
        # type: () -> List[Any]
        slot = [None, False]                # type: List[Any]
        self.waiting.append(slot)
        return slot

    def _fill(self, slot, reply, last=False):
        # type: (List[Any], bytes, bool) -> None
        """The reply of a slot is known: sends all that have no other before them."""
        server = self._server
        if server is None:
            return
        slot[0] = reply
        slot[1] = last
        waiting = self.waiting
        while waiting and waiting[0][0] is not None:
            reply, last = waiting.popleft()
            if last:
                waiting.clear()
                server.say_goodbye(reply)
                break
            server.gather(reply + b'\r\n')       # those of one turn leave together
        if len(waiting) < server.settings.max_waiting:
            room, self._room = self._room, None
            if room is not None:
                room.set_result(None)
        if not waiting:
            idle, self._idle = self._idle, []
            for future in idle:
                future.set_result(None)

    def _when_room(self):
        # type: () -> Optional[Future]
        """A Future of the moment at which fewer replies wait; None if there is room."""
        if len(self.waiting) < self._server.settings.max_waiting:
            return None
        self._room = Future()
        return self._room

    def answered(self):
        # type: () -> Future
        """A Future of the moment at which no reply waits."""
        if not self.waiting:
            return completed(None)
        self._idle.append(Future())
        return self._idle[-1]


def _offer_reply(future, message_id):
    # type: (Future, bytes) -> bytes
    if future.exception() is not None:
        log.error('an offer cannot be judged: %r', future.exception())
        return b'431 ' + message_id
    return _CHECK[future.result()] + message_id


def _nothing(value):
    # type: (Any) -> None
    return None
