# Copyright the carryall authors.  See LICENSE.
"""Direct connections between clients, agreed on by IRC: DCC CHAT and SEND, with RESUME and ACCEPT.

They are active and passive, in clear and by TLS (modern.ircdocs.horse/dcc).

    direct = DirectConnections(loop, client, folder='received', offered=look)
    client = yield connect(..., received=direct.received)
    count = yield direct.send_file(b'ben', 'cake.txt')
    path = yield direct.accept(offered)         # in *look*, for what a peer offers

Nothing is accepted by itself.  A file goes into the folder under a name of its own, and under its
name with `.part` behind it until it is whole.  Addresses that are not public are refused, and so
are the ports of services; we listen on the loopback address unless told otherwise.

Tests:    tests/protocols/irc/test_directconnections.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, int_from_bytes, to_bytes
from carryall.core.errors import LocalProtocolError
from carryall.core.files.filenames import means_another
from carryall.core.files.folders import open_steps
from carryall.core.files.plainfile import opened
from carryall.core.future import Future, Return, coroutine, with_timeout
from carryall.core.logs import get_logger
from carryall.core.net import ip
from carryall.core.net.addressguard import AddressGuard
from carryall.core.net.protocol import Protocol
from carryall.core.tls import connect_tls, listening
from carryall.protocols.irc.ctcp import (MAX_NAME, Offer, format_ctcp, format_offer, parse_ctcp,
                                         parse_offer, safe_name)
from carryall.protocols.irc.dccstreams import ChatStream, FileReceiver, FileSender
from carryall.protocols.irc.errors import DCCError, IRCError
from carryall.protocols.irc.hostmask import split_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.protocols.irc.client import IRCClient
    from carryall.protocols.irc.wire import Message

__all__ = ['DirectConnections', 'Offered']

# -- limits ------------------------------------------------------------------
MAX_OFFERS = 20             # of peers, that wait for us; the oldest is forgotten then
MAX_OURS = 20               # of ours, that wait for peers
OFFER_SECONDS = 300.0       # an offer holds
ANSWER_SECONDS = 60.0       # for ACCEPT behind our RESUME
CONNECT_SECONDS = 30.0
MAX_OCTETS = 1 << 32        # of a file that is taken
LEAST_PORT = 1024           # below it are services, which no client listens as
MAX_ALIKE = 100             # files of one name in the folder

LOOPBACK = ('127.0.0.0/8', '::1')

log = get_logger('irc.dcc')


class Offered(object):
    """An offer of a peer, a chat or a file.

    Attributes:
        nick: of the peer (bytes).
        offer: its Offer.
        name: for the file, safe to be shown and made; b'chat' for a chat.
        is_chat: True for a chat.
        at: loop time.
    """

    __slots__ = ('nick', 'offer', 'name', 'is_chat', 'at')

    def __init__(self, nick, offer, at):
        # type: (bytes, Offer, float) -> None
        self.nick = nick
        self.offer = offer
        self.is_chat = offer.verb in (b'CHAT', b'SCHAT')
        self.name = b'chat' if self.is_chat else safe_name(offer.name)
        self.at = at


class _Ours(object):
    """An offer of ours: until the peer has connected, or says where it listens."""

    __slots__ = ('nick', 'offer', 'make', 'stream', 'listener', 'offset')

    def __init__(self, nick, offer, make):
        # type: (bytes, Offer, Callable[[int], Any]) -> None
        self.nick = nick
        self.offer = offer
        self.make = make            # makes the protocol, which begins at an offset
        self.stream = Future()      # of the protocol, once it is connected
        self.listener = None        # type: Any
        self.offset = 0


class _Shut(Protocol):
    """A second connection to a port that was for one."""

    def connection_made(self, transport):
        transport.abort()


class DirectConnections(object):
    """The direct connections of one client.

    Args:     loop: the loop.
              client: the IRCClient; it may be given later, by ``received``.
              folder: for the files of others; None: none are taken.
              offered: called with each Offered that comes; None: ``offers`` has them.
              host: numeric address to listen on.
              shown: the address that peers are told; *host* if left out.
              allow: networks and addresses that may be connected to although they are not public;
                     the loopback addresses are allowed too if *host* is one.
              server_tls, client_tls: TLSContexts, for those that listen and for those that
                     connect; None: nothing goes by TLS.
              maximum: octets of a file that is taken.

    Attributes:
        offers: Offered objects, the oldest first.
    """

    def __init__(self,
                 loop,              # type: Any
                 client=None,       # type: Optional[IRCClient]
                 folder=None,       # type: Any
                 offered=None,      # type: Optional[Callable[[Offered], Any]]
                 host='127.0.0.1',  # type: str
                 shown=None,        # type: Optional[str]
                 allow=(),          # type: Any
                 server_tls=None,   # type: Any
                 client_tls=None,   # type: Any
                 maximum=MAX_OCTETS     # type: int
                 ):
        # type: (...) -> None
        self._loop = loop
        self._client = client
        self._folder = folder
        self._told = offered
        self._host = host
        self._shown = host if shown is None else shown
        if ip.packed(self._shown) is None:
            raise LocalProtocolError(u'%s is no numeric address' % self._shown)
        self._guard = AddressGuard(list(allow) + list(LOOPBACK if ip.is_loopback(host) else ()))
        self._server_tls = server_tls
        self._client_tls = client_tls
        self._maximum = maximum
        self.offers = []            # type: List[Offered]
        self._ours = []             # type: List[_Ours]
        self._receiving = set()     # type: Any  # names of files
        self._resuming = []         # type: List[Tuple[Offered, Future]]

    def close(self):
        # type: () -> None
        """Takes back what we have offered, and forgets what others have; transfers go on."""
        del self.offers[:]
        for future in [ours.stream for ours in self._ours] + [pair[1] for pair in self._resuming]:
            if not future.done():
                future.set_exception(DCCError(u'the offer was taken back'))

    # -- what comes by IRC -----------------------------------------------------------------

    def received(self, client, message):
        # type: (IRCClient, Message) -> bool
        """Takes note of a message; true if it was about a direct connection."""
        self._client = client
        if message.command != b'PRIVMSG' or len(message.params) < 2:
            return False
        query = parse_ctcp(message.params[1])
        if query is None or query.verb != b'DCC':
            return False
        nick = split_source(message.source or b'').nick
        if client.support.is_channel(message.params[0]) or not nick:
            return True             # an offer to a whole channel is none
        try:
            self._take(nick, parse_offer(query.text))
        except (DCCError, IRCError, LocalProtocolError) as exc:
            log.info('an offer of a peer is left out: %s', exc)
        return True

    def _take(self, nick, offer):
        # type: (bytes, Offer) -> None
        plain = offer.verb[1:] if offer.verb in (b'SSEND', b'SCHAT') else offer.verb
        if plain == b'RESUME':
            self._resume_ours(nick, offer)
        elif plain == b'ACCEPT':
            self._accepted(nick, offer)
        elif offer.token is not None and offer.port and self._answers_ours(nick, offer):
            return
        else:
            self._forget_old()
            found = Offered(nick, offer, self._loop.time())
            self.offers.append(found)
            del self.offers[:-MAX_OFFERS]
            if self._told is not None:
                self._told(found)

    def _forget_old(self):
        # type: () -> None
        now = self._loop.time()
        self.offers = [each for each in self.offers if now - each.at < OFFER_SECONDS]

    def _is_same(self, first, second):
        # type: (bytes, bytes) -> bool
        fold = self._known_client().support.fold
        return fold(first) == fold(second)

    def _known_client(self):
        # type: () -> IRCClient
        if self._client is None:
            raise LocalProtocolError(u'there is no client yet')
        return self._client

    def _ours_of(self, nick, offer):
        # type: (bytes, Offer) -> Optional[_Ours]
        """Our offer to that nick which a message of it is about."""
        for ours in self._ours:
            if not self._is_same(ours.nick, nick):
                continue
            if offer.token is not None and ours.offer.token == offer.token \
                    or ours.offer.token is None and ours.offer.port == offer.port:
                return ours
        return None

    def _resume_ours(self, nick, offer):
        # type: (bytes, Offer) -> None
        """The peer has a part of our file."""
        ours = self._ours_of(nick, offer)
        if ours is None or ours.offer.size is None or offer.size > ours.offer.size:
            raise DCCError(u'RESUME of what was not offered')
        ours.offset = offer.size
        self._tell(nick, Offer(b'ACCEPT', offer.name, u'', offer.port, offer.size, offer.token))

    def _accepted(self, nick, offer):
        # type: (bytes, Offer) -> None
        """The peer begins where we have asked it to."""
        for offered, future in self._resuming:
            theirs = offered.offer
            same = theirs.port == offer.port and theirs.token == offer.token
            if same and self._is_same(offered.nick, nick) and not future.done():
                future.set_result(offer.size)
                return
        raise DCCError(u'ACCEPT of what was not asked for')

    def _answers_ours(self, nick, offer):
        # type: (bytes, Offer) -> bool
        """True if the peer says where it listens for our passive offer: we connect."""
        ours = self._ours_of(nick, offer)
        if ours is None or ours.offer.port or ours.offer.verb != offer.verb:
            return False
        self._ours.remove(ours)
        connected = self._connect(offer, lambda: ours.make(ours.offset))
        stream = ours.stream
        connected.then(lambda found: stream.done() or stream.set_result(found),
                       lambda exc: stream.done() or stream.set_exception(exc))
        return True

    def _tell(self, nick, offer):
        # type: (bytes, Offer) -> None
        """Sends an offer, or an answer to one."""
        self._known_client().send(b'PRIVMSG', nick, format_ctcp(b'DCC', format_offer(offer)))

    # -- what we offer -----------------------------------------------------------------------

    @coroutine
    def send_file(self, nick, path, passive=False, secure=False):
        # type: (bytes, Any, bool, bool) -> Any
        """Offers a file, and sends it; a Future of its octets.

        Args:     passive: the peer listens, and we connect to it.
                  secure: by TLS.
        Raises:   DCCError: the peer does not take it, or not all.  TimedOut.  IOError, OSError.
        """
        source, state = yield self._loop.run_in_thread(opened, path)
        try:
            name = os.path.basename(path)
            if not isinstance(name, bytes):
                name = name.encode('utf-8', 'replace')
            name = name.replace(b'"', b'_')[-MAX_NAME:]
            size = state.st_size
            stream = yield self._offer(
                nick, b'SEND', name, size, passive, secure,
                lambda offset: FileSender(self._loop, source, size, offset))
            count = yield stream.done
        finally:
            source.close()
        raise Return(count)

    def chat(self, nick, received=None, passive=False, secure=False):
        # type: (bytes, Any, bool, bool) -> Future
        """Offers a chat; a Future of its ChatStream.

        Args:     received: called with the ChatStream and each line.
        """
        return self._offer(nick, b'CHAT', b'chat', None, passive, secure,
                           lambda _: ChatStream(received))

    @coroutine
    def _offer(self, nick, verb, name, size, passive, secure, make):
        # type: (bytes, bytes, bytes, Optional[int], bool, bool, Any) -> Any
        """Offers; a Future of the protocol, once it is connected."""
        if len(self._ours) >= MAX_OURS:
            raise DCCError(u'%d offers wait for their peers' % MAX_OURS)
        verb = b'S' + verb if secure else verb
        self._check_tls(verb, passive)
        token = self._token() if passive else None
        ours = _Ours(nick, Offer(verb, name, self._shown, 0, size, token), make)
        if not passive:
            ours.listener = self._listen(verb, lambda: ours.make(ours.offset), ours.stream)
            ours.offer = ours.offer._replace(port=ours.listener.address.port)
        self._ours.append(ours)
        try:
            self._tell(nick, ours.offer)
            stream = yield with_timeout(self._loop, ours.stream, OFFER_SECONDS,
                                        u'the peer does not take what we offer')
        finally:
            if ours.listener is not None:
                ours.listener.close()
            if ours in self._ours:
                self._ours.remove(ours)
        raise Return(stream)

    def _token(self):
        # type: () -> int
        """A number that no peer can guess."""
        return int_from_bytes(os.urandom(4)) & 0x3fffffff | 1

    def _listen(self, verb, make, stream):
        # type: (bytes, Callable[[], Any], Future) -> Any
        """Listens for one connection, whose protocol is the result of *stream*."""
        def factory():
            # type: () -> Any
            if stream.done():
                return _Shut()
            protocol = make()
            protocol.begun.then(lambda _: stream.done() or stream.set_result(protocol))
            return protocol

        entry = factory             # type: Any
        if verb[:2] in (b'SS', b'SC'):
            entry = listening(self._loop, self._server_tls, factory)
        return self._loop.listen_tcp(entry, self._host, 0)

    def _check_tls(self, verb, connects):
        # type: (bytes, bool) -> None
        """Raises DCCError if there is no context for an offer by TLS."""
        if verb not in (b'SSEND', b'SCHAT'):
            return
        if (self._client_tls if connects else self._server_tls) is None:
            raise DCCError(u'there are no settings of TLS for this connection')

    # -- what others offer ---------------------------------------------------------------------

    def accept(self, offered, received=None, resume=True):
        # type: (Offered, Any, bool) -> Future
        """Takes an offer; a Future of the ChatStream, or of the path of the file when it is there.

        Args:     received: for a chat: called with the ChatStream and each line.
                  resume: go on with what an earlier transfer has left.
        Raises:   DCCError: it is over, or hostile, or there is no folder.
        """
        self._forget_old()
        if offered not in self.offers:
            raise DCCError(u'this offer is over')
        self.offers.remove(offered)
        offer = offered.offer
        self._check_tls(offer.verb, bool(offer.port))
        if not offer.port and offer.token is None:
            raise DCCError(u'a passive offer without its number')
        if offer.port:
            self._check_address(offer)
        if offered.is_chat:
            return self._stream(offered, lambda: ChatStream(received))
        if self._folder is None:
            raise DCCError(u'there is no folder for files')
        if offer.size is not None and offer.size > self._maximum:
            raise DCCError(u'the file has more than %d octets' % self._maximum)
        return self._receive(offered, resume)

    def refuse(self, offered):
        # type: (Offered) -> None
        """Forgets an offer, and tells the peer."""
        if offered in self.offers:
            self.offers.remove(offered)
        text = b'DCC ' + offered.offer.verb + b' refused'
        self._known_client().send(b'NOTICE', offered.nick, format_ctcp(b'ERRMSG', text))

    def _check_address(self, offer):
        # type: (Offer) -> None
        if offer.port < LEAST_PORT:
            raise DCCError(u'port %d is for services' % offer.port)
        if not self._guard.permits(offer.host):
            raise DCCError(u'%s is no address of a peer' % offer.host)

    def _connect(self, offer, make):
        # type: (Offer, Callable[[], Any]) -> Future
        """Connects to where a peer listens; a Future of the protocol."""
        try:
            self._check_address(offer)
        except DCCError as exc:
            failure = Future()
            failure.set_exception(exc)
            return failure
        if offer.verb in (b'SSEND', b'SCHAT'):
            connected = connect_tls(self._loop, self._client_tls, make, offer.host, offer.port,
                                    None, CONNECT_SECONDS)
        else:
            connected = self._loop.connect_tcp(make, offer.host, offer.port, CONNECT_SECONDS)
        return connected.then(lambda pair: pair[1])

    @coroutine
    def _stream(self, offered, make):
        # type: (Offered, Callable[[], Any]) -> Any
        """Connects, or listens for the peer; a Future of the protocol."""
        offer = offered.offer
        if offer.port:
            protocol = yield self._connect(offer, make)
            raise Return(protocol)
        stream = Future()
        listener = self._listen(offer.verb, make, stream)
        try:
            self._tell(offered.nick, offer._replace(host=self._shown,
                                                    port=listener.address.port))
            protocol = yield with_timeout(self._loop, stream, CONNECT_SECONDS,
                                          u'the peer does not connect')
        finally:
            listener.close()
        raise Return(protocol)

    @coroutine
    def _receive(self, offered, resume):
        # type: (Offered, bool) -> Any
        size = offered.offer.size
        run = self._loop.run_in_thread
        if offered.name in self._receiving:
            raise DCCError(u'a file of this name is on its way')
        self._receiving.add(offered.name)
        try:
            path = yield self._receive_part(offered, resume, size, run)
        finally:
            self._receiving.discard(offered.name)
        raise Return(path)

    @coroutine
    def _receive_part(self, offered, resume, size, run):
        # type: (Offered, bool, Optional[int], Any) -> Any
        target, offset = yield run(_open_part, self._folder, offered.name, resume, size)
        try:
            if offset:
                yield self._resume(offered, offset)
            stream = yield self._stream(
                offered,
                lambda: FileReceiver(self._loop, target, size, offset, self._maximum))
            yield stream.done
        finally:
            yield run(target.close)
        path = yield run(_keep_part, self._folder, offered.name)
        raise Return(path)

    @coroutine
    def _resume(self, offered, offset):
        # type: (Offered, int) -> Any
        """Asks the peer to begin behind what is there; a Future."""
        offer = offered.offer
        future = Future()
        self._resuming.append((offered, future))
        try:
            self._tell(offered.nick, Offer(b'RESUME', offer.name, u'', offer.port, offset,
                                           offer.token))
            begin = yield with_timeout(self._loop, future, ANSWER_SECONDS,
                                       u'the peer does not answer RESUME')
        finally:
            self._resuming = [pair for pair in self._resuming if pair[1] is not future]
        if begin != offset:
            raise DCCError(u'the peer begins at %d, not at %d' % (begin, offset))


# -- files, in a thread --------------------------------------------------------------------

def _open_part(folder, name, resume, size):
    # type: (Any, bytes, bool, Optional[int]) -> Tuple[Any, int]
    """(file, octets that are in it) of the part of a file; it goes on behind those."""
    steps = _steps(folder)
    root = steps.root()
    try:
        part = name + b'.part'
        target, state = steps.write(root, part, append=True)
        there = state.st_size
        if there and (not resume or size is None or there >= size):
            target.close()
            target, _ = steps.write(root, part, empty=True)
            there = 0
        return target, there
    finally:
        steps.leave(root)


def _keep_part(folder, name):
    # type: (Any, bytes) -> Any
    """The path of a whole file, which has its own name now, or one with a number in front."""
    steps = _steps(folder)
    root = steps.root()
    try:
        for number in range(MAX_ALIKE):
            final = name if not number else b'%d-%s' % (number, name)
            if means_another(final) or _is_there(steps, root, final):
                continue
            steps.rename(root, name + b'.part', root, final)
            # The path is for the user that named the folder.
            return os.path.join(folder, final.decode('utf-8', 'replace')
                                if not isinstance(folder, bytes) else final)
        raise DCCError(u'there are %d files of that name' % MAX_ALIKE)
    finally:
        steps.leave(root)


def _is_there(steps, root, name):
    # type: (Any, Any, bytes) -> bool
    try:
        steps.stat(root, name)
    except FAILURES:
        return False
    return True


def _steps(folder):
    # type: (Any) -> Any
    return open_steps(to_bytes(folder))
