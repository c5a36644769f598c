# Copyright the carryall authors.  See LICENSE.
"""Sessions: what a site keeps for one browser from request to request (feature WEB-12).

    sessions = Sessions(MemoryStore(loop), loop)
    site = Site(sessions.wrap(app), loop)

    def app(request):
        session = request.session
        session[u'seen'] = session.get(u'seen', 0) + 1
        session.log_in(u'anna')             # gets a new id; session.end() forgets everything

A browser gets a cookie once its session holds something, and not before.  The id in it is random
and tells nothing.  An id that the store does not know is never taken over (session fixation).  Each
login gives a new id.  The store has hashes of the ids, which are of no use to a thief.  The
application does not see the cookie, as it may run programs of other authors.  It cannot set the
cookie either: a Set-Cookie of that name is dropped from its responses.

A *store* has three methods, each of which may give its result or a Future of it::

    load(key)                   the octets saved under *key*; None if there are none, or no longer
    save(key, data, seconds, user)
                                keeps *data* for so many seconds; *user* is a name, or None
    remove(key)

Keys are bytes of hexadecimal digits.  MemoryStore below is one, SessionTable of sessionstore.py
another.  A store may have a ``close()`` too.

Limits:   the values of a session are text, numbers, booleans, None, lists and dicts with texts as
          keys, as JSON has them.  Of two requests at the same time the later one's values stay.
Tests:    tests/services/web/test_sessions.py
"""
from __future__ import absolute_import, division, print_function

import copy
import json
from base64 import urlsafe_b64encode
from binascii import hexlify
from collections import OrderedDict

from carryall.core.compat import native
from carryall.core.crypto import crypto_of
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, Return, as_future, coroutine
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit
from carryall.protocols.http import Headers, MutableHeaders, Response
from carryall.protocols.http.fields import format_set_cookie, parse_cookies

__all__ = ['MemoryStore', 'Session', 'Sessions']

# -- limits ------------------------------------------------------------------
ID_BYTES = 24               # of randomness: 192 bits, which no one guesses
ID_LENGTH = 32              # characters of an id, base64url (RFC 4648 section 5)
TOKEN_BYTES = 24            # of the token against forged requests
IDLE_SECONDS = 1800.0       # between two requests of a session
ABSOLUTE_SECONDS = 43200.0  # of a session, whatever is requested
MAX_DATA = 65536            # octets of one session
MAX_SESSIONS = 100000       # in a MemoryStore
MAX_STORED = 64 << 20       # octets in a MemoryStore
MAX_BARE = 256              # cached header sections without the cookie
# Part of the idle time after which a session that only reads is saved again, to keep it alive
TOUCH = 0.1
DROPS_TOLD = 0.1            # a second at most, in the log

OWS = b' \t'                # around the names of cookies
ALPHABET = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
# The prefix has browsers refuse it from elsewhere.  Applications have cookies named "session".
SECURE_NAME = b'__Host-carryall-session'
CLEAR_NAME = b'carryall-session'

LOWER_NAMES = (SECURE_NAME.lower(), CLEAR_NAME.lower())

log = get_logger('web')


class Session(object):
    """The values of one browser; a mapping from text to values.

    Attributes:
        user: the account that has logged in, or None.
        token: text that a form must bring back, against forged requests; made when it is asked for.
    """

    __slots__ = ('user', '_values', '_made', '_used', '_changed', '_renewed', '_ended',
                 '_new_token')

    def __init__(self, new_token, made, values=None, user=None):
        # type: (Callable[[], Text], float, Optional[Dict[Text, Any]], Optional[Text]) -> None
        self.user = user
        self._values = {} if values is None else values
        self._made = made           # seconds since 1970
        self._used = made
        self._changed = False
        self._renewed = False
        self._ended = False
        self._new_token = new_token

    def __getitem__(self, name):
        # type: (Text) -> Any
        return self._values[name]

    def __setitem__(self, name, value):
        # type: (Text, Any) -> None
        self._values[name] = value
        self._changed = True

    def __delitem__(self, name):
        # type: (Text) -> None
        del self._values[name]
        self._changed = True

    def __contains__(self, name):
        # type: (Text) -> bool
        return name in self._values

    def get(self, name, default=None):
        # type: (Text, Any) -> Any
        """The value of *name*, or *default*."""
        return self._values.get(name, default)

    def pop(self, name, default=None):
        # type: (Text, Any) -> Any
        """Removes *name*; its value, or *default*."""
        if name not in self._values:
            return default
        self._changed = True
        return self._values.pop(name)

    @property
    def token(self):
        # type: () -> Text
        token = self._values.get(u'_token')
        if token is None:
            token = self._new_token()
            self[u'_token'] = token
        return token

    def changed(self):
        # type: () -> None
        """Tells that a list or a dict among the values was changed in place."""
        self._changed = True

    def renew(self):
        # type: () -> None
        """Gives the session a new id; the old one is void."""
        self._renewed = True
        self._changed = True

    def log_in(self, user):
        # type: (Text) -> None
        """Notes the account, and gives the session a new id, a new token and a new beginning."""
        self.user = user
        self._values.pop(u'_token', None)
        self._ended = False
        self._made = self._used
        self.renew()

    def end(self):
        # type: () -> None
        """Forgets everything: the browser's cookie is removed too."""
        self.user = None
        self._values = {}
        self._ended = True
        self._changed = False


class _Bare(Headers):
    """A header section without the cookie of a session.

    Attributes:
        sessions: the Sessions that have taken it away.
        sent: the id that was in it, or None.
    """

    __slots__ = ('sessions', 'sent')

    def __init__(self, fields, sessions, sent):
        # type: (List[Tuple[bytes, bytes]], Sessions, Optional[bytes]) -> None
        Headers.__init__(self, fields)
        self.sessions = sessions
        self.sent = sent


class _Finished(MutableHeaders):
    """The header section of a response with a cookie of ours.

    Attributes:
        sessions: the Sessions that have added it.
    """

    __slots__ = ('sessions',)

    def __init__(self, fields, sessions):
        # type: (List[Tuple[bytes, bytes]], Sessions) -> None
        MutableHeaders.__init__(self, fields)
        self.sessions = sessions


class Sessions(object):
    """Sessions of a site, kept in a store.

    Args:
        loop: for its wall clock and its source of randomness.
        idle, absolute: seconds until a session ends.
        secure: True if browsers reach the site by https alone, also if a proxy before it ends
            TLS; None to go by each connection.
        same_site: of the cookie: b'Lax' or b'Strict'.
    """

    def __init__(self, store, loop, idle=IDLE_SECONDS, absolute=ABSOLUTE_SECONDS, secure=None,
                 same_site=b'Lax'):
        # type: (Any, Any, float, float, Optional[bool], bytes) -> None
        self._store = store
        self._wall = loop.wall
        self._crypto = crypto_of(loop)
        self._idle = idle
        self._absolute = absolute
        self._secure = secure
        self._same_site = same_site
        # (id of a header section, name of the cookie) -> (the section, the same without it)
        self._bare = {}             # type: Dict[Tuple[int, bytes], Tuple[Headers, _Bare]]
        self._told = RateLimit(loop, DROPS_TOLD, 1)

    def wrap(self, app):
        # type: (Callable[[Any], Any]) -> Callable[[Any], Any]
        """*app*, whose requests get a ``session``."""
        def with_session(request):
            # type: (Any) -> Any
            sent = self._take_id(request)
            if sent is None:
                return self._ask(app, request, None, None)
            found = self._store.load(self._key_of(sent))
            if isinstance(found, Future):
                return self._ask_later(app, request, sent, found)
            return self._ask(app, request, sent, found)
        return with_session

    def close(self):
        # type: () -> Any
        """Closes the store; a Future if that takes time."""
        close = getattr(self._store, 'close', None)
        return None if close is None else close()

    # -- before the application ----------------------------------------------------------------

    @coroutine
    def _ask_later(self, app, request, sent, found):
        # type: (Any, Any, bytes, Future) -> Any
        data = yield found
        answer = yield as_future(self._ask(app, request, sent, data))
        raise Return(answer)

    def _ask(self, app, request, sent, data):
        # type: (Any, Any, Optional[bytes], Optional[bytes]) -> Any
        session = self._opened(data)
        known = sent if session is not None else None
        if session is None:
            session = Session(self._new_token, self._wall())
        request.session = session
        answer = app(request)
        if isinstance(answer, Response):
            return self._finish(request, session, known, answer)
        return self._finish_later(request, session, known, answer)

    @coroutine
    def _finish_later(self, request, session, known, answer):
        # type: (Any, Session, Optional[bytes], Any) -> Any
        response = yield as_future(answer)
        finished = yield as_future(self._finish(request, session, known, response))
        raise Return(finished)

    def _take_id(self, request):
        # type: (Any) -> Optional[bytes]
        """The id that the browser sent; None if it sent none, or something else.

        The request has no cookie of ours any more.
        """
        before = getattr(request, 'before', None)
        if type(before) is _Bare and before.sessions is self:
            return before.sent      # a local redirect of a program
        headers = request.headers
        if b'cookie' not in headers:
            return None
        name = SECURE_NAME if self._is_secure(request) else CLEAR_NAME
        key = (id(headers), name)
        known = self._bare.get(key)
        if known is None or known[0] is not headers:
            if len(self._bare) >= MAX_BARE:
                self._bare.clear()
            # The same object for the same section, as caches elsewhere find their entries by it
            known = (headers, self._without_cookie(headers, name))
            self._bare[key] = known
        request.headers = known[1]
        return known[1].sent

    def _without_cookie(self, headers, name):
        # type: (Headers, bytes) -> _Bare
        """The header section without our cookies; *name* is that of the cookie to go by."""
        sent = None
        for here, value in parse_cookies(headers.get(b'cookie')):
            if here == name and len(value) == ID_LENGTH and not value.translate(None, ALPHABET):
                sent = value
                break
        fields = []                 # type: List[Tuple[bytes, bytes]]
        for field in headers:
            if field[0].lower() == b'cookie':
                kept = [member for member in field[1].split(b';')
                        if member.partition(b'=')[0].strip(OWS) not in (SECURE_NAME, CLEAR_NAME)]
                if not kept:
                    continue
                field = (field[0], b';'.join(kept).strip(OWS))
            fields.append(field)
        return _Bare(fields, self, sent)

    def _opened(self, data):
        # type: (Optional[bytes]) -> Optional[Session]
        """The Session of octets of the store; None if it is too old or there is none."""
        if data is None:
            return None
        made, used, user, values = json.loads(data.decode('utf-8'))
        now = self._wall()
        if now - used > self._idle or now - made > self._absolute:
            return None
        session = Session(self._new_token, made, values, user)
        session._used = now
        session._changed = now - used > self._idle * TOUCH
        return session

    # -- after the application -----------------------------------------------------------------

    def _finish(self, request, session, known, response):
        # type: (Any, Session, Optional[bytes], Response) -> Any
        """The response with the cookie that it needs; a Future of it if the store takes time."""
        fields = response.fields
        if fields is not None and b'set-cookie' in fields:
            response = self._without_ours(response)
        if session._ended:
            waits = [] if known is None else [self._store.remove(self._key_of(known))]
            cookie = b'' if known is None else self._cookie(request, b'', 0)
            return _when_done(waits, self._with_cookie(response, cookie))
        if not session._changed:
            return response
        if known is None or session._renewed:
            return self._save(request, session, known, response)
        # Another request may have ended it meanwhile, by a logout; then it stays ended.
        there = self._store.load(self._key_of(known))
        if isinstance(there, Future):
            return there.then(lambda data: response if data is None else
                              self._save(request, session, known, response))
        return response if there is None else self._save(request, session, known, response)

    def _save(self, request, session, known, response):
        # type: (Any, Session, Optional[bytes], Response) -> Any
        """Saves the session; the same result as of `_finish`."""
        waits = []
        sent = known
        if known is None or session._renewed:
            sent = urlsafe_b64encode(self._crypto.random(ID_BYTES))
            if known is not None:
                waits.append(self._store.remove(self._key_of(known)))
        data = self._packed(session)
        waits.append(self._store.save(self._key_of(sent), data, self._idle, session.user))
        cookie = b'' if sent is known else self._cookie(request, sent, None)
        return _when_done(waits, self._with_cookie(response, cookie))

    def _without_ours(self, response):
        # type: (Response) -> Response
        """*response* without a Set-Cookie of our name that the application has made."""
        fields = response.fields
        if type(fields) is _Finished and fields.sessions is self:
            return response         # a local redirect of a program: the cookie is ours
        kept = [field for field in response.headers
                if field[0].lower() != b'set-cookie' or not _is_ours(field[1])]
        if len(kept) == len(response.headers):
            return response
        if self._told.take():
            log.warning('a cookie named %s, which the application would set, is dropped',
                        native(CLEAR_NAME))
        changed = copy.copy(response)
        changed.fields = MutableHeaders(kept)
        return changed

    def _with_cookie(self, response, cookie):
        # type: (Response, bytes) -> Response
        """*response* with a Set-Cookie, as one that no cache keeps; itself if there is no cookie.

        A copy, since an application may give the same object, and the same fields, to many.
        """
        if not cookie:
            return response
        changed = copy.copy(response)
        changed.fields = _Finished(list(response.headers), self)
        changed.fields.add(b'Set-Cookie', cookie)
        if b'cache-control' not in changed.fields:
            changed.fields.add(b'Cache-Control', b'no-store')
        return changed

    def _packed(self, session):
        # type: (Session) -> bytes
        record = [session._made, self._wall(), session.user, session._values]
        data = json.dumps(record, separators=(',', ':')).encode('ascii')
        if len(data) > MAX_DATA:
            raise LocalProtocolError('a session has more than %d octets' % MAX_DATA)
        return data

    def _cookie(self, request, value, max_age):
        # type: (Any, bytes, Optional[int]) -> bytes
        secure = self._is_secure(request)
        return format_set_cookie(SECURE_NAME if secure else CLEAR_NAME, value, max_age=max_age,
                                 secure=secure, same_site=self._same_site)

    def _is_secure(self, request):
        # type: (Any) -> bool
        return request.scheme == b'https' if self._secure is None else self._secure

    def _key_of(self, sent):
        # type: (bytes) -> bytes
        return hexlify(self._crypto.hash('sha256', sent))

    def _new_token(self):
        # type: () -> Text
        return urlsafe_b64encode(self._crypto.random(TOKEN_BYTES)).decode('ascii')


def _is_ours(line):
    # type: (bytes) -> bool
    """True if a browser would send the cookie of that Set-Cookie as one of our name.

    A cookie without a name is sent as its value alone (RFC 6265bis section 5.7).  That value may
    look like a name and a value.
    """
    pair = line.partition(b';')[0].lstrip(b'=' + OWS)
    return pair.partition(b'=')[0].rstrip(OWS).lower() in LOWER_NAMES


def _when_done(waits, response):
    # type: (List[Any], Response) -> Any
    """*response*, once each Future among *waits* is done."""
    futures = [each for each in waits if isinstance(each, Future)]
    return _after(futures, response) if futures else response


@coroutine
def _after(futures, response):
    # type: (List[Future], Response) -> Any
    for each in futures:
        yield each
    raise Return(response)


class MemoryStore(object):
    """A store in memory, gone with the process.

    If it is full, the session that was saved longest ago goes.  Sessions without a login go first,
    so that strangers who fill it end no login.

    Args:     loop: for its clock.
    """

    def __init__(self, loop, sessions=MAX_SESSIONS, octets=MAX_STORED):
        # type: (Any, int, int) -> None
        self._time = loop.time
        self._most = sessions
        self._octets_left = octets
        # key -> (data, end), in the order in which they were saved
        self._strangers = OrderedDict()     # type: OrderedDict[bytes, Tuple[bytes, float]]
        self._users = OrderedDict()         # type: OrderedDict[bytes, Tuple[bytes, float]]

    def __len__(self):
        # type: () -> int
        return len(self._strangers) + len(self._users)

    def load(self, key):
        # type: (bytes) -> Optional[bytes]
        """The octets of *key*; None if there are none, or no longer."""
        row = self._strangers.get(key) or self._users.get(key)
        if row is None:
            return None
        if row[1] < self._time():
            self.remove(key)
            return None
        return row[0]

    def save(self, key, data, seconds, user):
        # type: (bytes, bytes, float, Optional[Text]) -> None
        """Keeps *data* for so many seconds, unless others need the room."""
        self.remove(key)
        self._octets_left -= len(data)
        rows = self._strangers if user is None else self._users
        rows[key] = data, self._time() + seconds
        self._drop_old(self._strangers)
        self._drop_old(self._users)
        while self._octets_left < 0 or len(self) > self._most:
            oldest = self._strangers or self._users
            self.remove(next(iter(oldest)))

    def remove(self, key):
        # type: (bytes) -> None
        """Forgets *key*."""
        row = self._strangers.pop(key, None) or self._users.pop(key, None)
        if row is not None:
            self._octets_left += len(row[0])

    def _drop_old(self, rows):
        # type: (OrderedDict[bytes, Tuple[bytes, float]]) -> None
        """Removes up to two rows whose time is over: more than are added."""
        now = self._time()
        for _ in range(2):
            key = next(iter(rows), None)
            if key is None or rows[key][1] >= now:
                return
            self.remove(key)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Text, Tuple
