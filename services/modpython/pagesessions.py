# Copyright the carryall authors.  See LICENSE.
"""Sessions, as ``mod_python.Session`` has them: in memory, in files, or in a dbm file.

    session = Session.Session(req)
    session['hits'] = session.get('hits', 0) + 1
    session.save()

Id:       32 hexadecimal digits of the system's random numbers, in the cookie ``pysid``.  An id that
          is unknown gets a new one, so no client chooses the id of another.
Cookie:   ``httponly`` and ``samesite=Lax``; ``secure`` if the client came by TLS.
Locks:    a session is locked until the request is over.  A request that waits too long, or with too
          many others, is answered with 503 (runtimes/host/namedlocks.py).
Options:  ``mod_python.session.session_type``, ``.cookie_name``, ``.application_path``,
          ``.application_domain``, ``.database_directory``, ``mod_python.dbm_session.*``,
          ``mod_python.file_session.*``, and their names before 3.3.
Source:   mod_python 3.3's manual, "Session - Session Management".
Tests:    tests/services/modpython/test_pagesessions.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import os
import random
import tempfile
import weakref

from carryall.core.compat import FAILURES, native
from carryall.core.logs import get_logger
from carryall.core.patterns import Pattern
from carryall.services.modpython.apacherequest import ServerReturn
from carryall.services.modpython.pagecookies import Cookie, SignedCookie, add_cookie, get_cookie
from carryall.services.modpython.sessionfiles import DbmFile, SessionFolder, private_folder

__all__ = ['BaseSession', 'DbmSession', 'FileSession', 'MemorySession', 'Session']

COOKIE_NAME = 'pysid'
DEFAULT_TIMEOUT = 1800      # seconds
CLEANUP_CHANCE = 1000       # one request of so many looks for old sessions
GRACE_SECONDS = 240         # beyond its end before a session is removed
MAX_SESSIONS = 10000        # of one interpreter in memory; the oldest one goes for a new one
ID_BYTES = 16

SESSION_ID = Pattern(r'[0-9a-f]{32}\Z')

log = get_logger('modpython')

# interpreter -> id -> record
_in_memory = weakref.WeakKeyDictionary()    # type: Any


def _option(request, names, default):
    # type: (Any, Sequence[str], Any) -> Any
    """The value of the first of these options that is set."""
    given = request.get_options()
    for name in names:
        if name in given:
            return given[name]
    return default


def _is_true(value):
    # type: (Any) -> bool
    """The truth of an option.

    Raises:   ValueError: it is no such word.
    """
    word = '%s' % value
    if word.lower() in ('yes', 'true', 'on', '1'):
        return True
    if word.lower() in ('no', 'false', 'off', '0', 'none'):
        return False
    raise ValueError('%r is neither yes nor no' % (value,))


class BaseSession(dict):
    """A session; a subclass has ``do_load``, ``do_save``, ``do_delete`` and ``do_cleanup``.

    Args:     sid:     the id; that of the cookie unless given.
              secret:  of a signed cookie.
              lock:    false to share the session among requests at the same time.
              timeout: seconds without a request behind which it is over.
    Raises:   ValueError: *sid* is none.  ServerReturn: 503, others have it.
    """

    def __init__(self, req, sid=None, secret=None, lock=1, timeout=0):
        # type: (Any, Any, Any, Any, Any) -> None
        dict.__init__(self)
        self._req = req
        self._secret = secret
        self._lock = lock
        self._locked = 0
        self._new = 1
        self._invalid = 0
        self._created = 0.0
        self._accessed = 0.0
        self._timeout = 0.0         # type: Any
        self._sid = sid or self._sid_of_cookie()    # type: Any
        if self._sid and SESSION_ID.match(self._sid) is None:
            if sid:
                raise ValueError('Invalid Session ID: sid=%s' % sid)
            self._sid = None
        self.init_lock()
        if self._sid:
            self.lock()
            if self.load():
                self._new = 0
        if self._new:
            self._begin(timeout)
        self._accessed = req.run.wall()
        if random.randrange(CLEANUP_CHANCE) == 0:
            self.cleanup()

    def _begin(self, timeout):
        # type: (Any) -> None
        if self._sid:
            self.unlock()
        self._sid = native(binascii.hexlify(os.urandom(ID_BYTES)))
        self.lock()
        add_cookie(self._req, self.make_cookie())
        self._created = self._req.run.wall()
        self._timeout = timeout or DEFAULT_TIMEOUT

    def _cookie_name(self):
        # type: () -> str
        return _option(self._req, ('mod_python.session.cookie_name', 'session_cookie_name'),
                       COOKIE_NAME)

    def _sid_of_cookie(self):
        # type: () -> Optional[str]
        if self._secret:
            found = get_cookie(self._req, self._cookie_name(), SignedCookie, secret=self._secret,
                               mismatch=Cookie.IGNORE)
        else:
            found = get_cookie(self._req, self._cookie_name())
        return found.value if found is not None else None

    def make_cookie(self):
        # type: () -> Any
        """The cookie with the id."""
        request = self._req
        if self._secret:
            made = SignedCookie(self._cookie_name(), self._sid, self._secret)   # type: Any
        else:
            made = Cookie(self._cookie_name(), self._sid)
        domain = _option(request, ('mod_python.session.application_domain',), None)
        if domain is not None:
            made.domain = domain
        path = _option(request, ('mod_python.session.application_path', 'ApplicationPath'), None)
        made.path = path if path is not None else self._path()
        made.httponly = 1
        made.samesite = 'Lax'
        if request.is_https():
            made.secure = 1
        return made

    def _path(self):
        # type: () -> str
        """The path of the folder whose section names the handler, if URLs have it."""
        directory = self._req.hlist.directory
        root = self._req.document_root()
        path = directory[len(root):] if directory and directory.startswith(root) else ''
        return path if path and self._req.uri.startswith(path) else '/'

    def invalidate(self):
        # type: () -> None
        """Ends the session, and takes the cookie back."""
        cookie = self.make_cookie()
        cookie.expires = 0
        add_cookie(self._req, cookie)
        self.delete()
        self._invalid = 1

    def load(self):
        # type: () -> int
        """1 if the session was there, and not over."""
        record = self.do_load()
        if record is None or self._req.run.wall() - record['_accessed'] > record['_timeout']:
            return 0
        self._created = record['_created']
        self._accessed = record['_accessed']
        self._timeout = record['_timeout']
        self.update(record['_data'])
        return 1

    def save(self):
        # type: () -> None
        """Keeps what the session has now; nothing behind ``invalidate``."""
        if not self._invalid:
            self.do_save({'_data': dict(self), '_created': self._created,
                          '_accessed': self._accessed, '_timeout': self._timeout})

    def delete(self):
        # type: () -> None
        """Removes what is kept, and all entries."""
        self.do_delete()
        self.clear()

    def init_lock(self):
        # type: () -> None
        """For a subclass with locks of its own."""

    def lock(self):
        # type: () -> None
        """Waits until no other request has the session; it is released with the request.

        Raises:   ServerReturn: 503.
        """
        if self._lock and not self._locked:
            if not self._req.run.lock(self._sid):
                log.error('%s: the session is busy', self._req.uri)
                raise ServerReturn(503)
            self._locked = 1
            self._req.register_cleanup(_unlock, self)

    def unlock(self):
        # type: () -> None
        """Lets others have it."""
        if self._locked:
            self._locked = 0
            self._req.run.unlock(self._sid)

    def is_new(self):
        # type: () -> bool
        """True if this request has made the session."""
        return bool(self._new)

    def id(self):
        # type: () -> str
        """The id."""
        return self._sid

    def created(self):
        # type: () -> float
        """When it was made, in seconds since 1970."""
        return self._created

    def last_accessed(self):
        # type: () -> float
        """When it was last used, in seconds since 1970."""
        return self._accessed

    def timeout(self):
        # type: () -> float
        """Seconds without a request behind which it is over."""
        return self._timeout

    def set_timeout(self, seconds):
        # type: (float) -> None
        """Sets these seconds."""
        self._timeout = seconds

    def cleanup(self):
        # type: () -> None
        """Looks for old sessions, behind the response."""
        self.do_cleanup()

    # -- for a subclass ----------------------------------------------------------------------------

    def do_load(self):
        # type: () -> Any
        """The record of the session; None if there is none."""
        raise NotImplementedError

    def do_save(self, record):
        # type: (Dict[str, Any]) -> None
        """Keeps *record*."""
        raise NotImplementedError

    def do_delete(self):
        # type: () -> None
        """Removes the record, if there is one."""
        raise NotImplementedError

    def do_cleanup(self):
        # type: () -> None
        """Removes old records."""


def _unlock(session):
    # type: (BaseSession) -> None
    session.unlock()


class MemorySession(BaseSession):
    """A session of this process; each interpreter has its own."""

    def __init__(self, req, sid=None, secret=None, timeout=0, lock=1):
        # type: (Any, Any, Any, Any, Any) -> None
        self._kept = _in_memory.setdefault(req.run.interpreter, {})
        BaseSession.__init__(self, req, sid, secret, lock, timeout)

    def do_load(self):
        return self._kept.get(self._sid)

    def do_save(self, record):
        if self._sid not in self._kept and len(self._kept) >= MAX_SESSIONS:
            oldest = min(list(self._kept.items()), key=lambda pair: pair[1]['_accessed'])
            self._kept.pop(oldest[0], None)
        self._kept[self._sid] = record

    def do_delete(self):
        self._kept.pop(self._sid, None)

    def do_cleanup(self):
        self._req.register_cleanup(_sweep_memory, (self._kept, self._req.run.wall()))


def _sweep_memory(data):
    # type: (Any) -> None
    kept, now = data
    for sid, record in list(kept.items()):
        if now - record['_accessed'] > record['_timeout']:
            kept.pop(sid, None)


class FileSession(BaseSession):
    """A session in a file.

    Args:     fast_cleanup:   files that were used of late are not looked into.
              verify_cleanup: a file's own time counts, and not its age alone.
    """

    def __init__(self, req, sid=None, secret=None, timeout=0, lock=1, fast_cleanup=-1,
                 verify_cleanup=-1):
        # type: (Any, Any, Any, Any, Any, Any, Any) -> None
        if fast_cleanup == -1:
            fast_cleanup = _is_true(_option(req, ('mod_python.file_session.enable_fast_cleanup',
                                                  'session_fast_cleanup'), True))
        if verify_cleanup == -1:
            verify_cleanup = _is_true(_option(req, (
                'mod_python.file_session.verify_session_timeout', 'session_verify_cleanup'), True))
        self._oldest = (timeout or DEFAULT_TIMEOUT) if fast_cleanup else 0
        self._verified = bool(verify_cleanup) or not fast_cleanup
        self._grace = int(_option(req, ('mod_python.file_session.cleanup_grace_period',
                                        'session_grace_period'), GRACE_SECONDS))
        folder = _option(req, ('mod_python.file_session.database_directory',
                               'mod_python.session.database_directory', 'session_directory'),
                         tempfile.gettempdir())
        self._folder = SessionFolder(os.path.join(folder, 'mp_sess'))
        BaseSession.__init__(self, req, sid, secret, lock, timeout)

    def do_load(self):
        return self._folder.load(self._sid)

    def do_save(self, record):
        try:
            self._folder.save(self._sid, record)
        except FAILURES:            # as mod_python: the page is served, the session is the former
            log.exception('a session cannot be written')

    def do_delete(self):
        self._folder.delete(self._sid)

    def do_cleanup(self):
        now = self._req.run.wall()
        self._req.register_cleanup(lambda _: self._folder.sweep(
            now, self._oldest, self._grace, self._verified))


class DbmSession(BaseSession):
    """A session in a dbm file.

    Args:     dbm:     the file's name.
              dbmtype: a module such as ``dbm.dumb``.
    """

    def __init__(self, req, dbm=None, sid=None, secret=None, dbmtype=None, timeout=0, lock=1):
        # type: (Any, Any, Any, Any, Any, Any, Any) -> None
        if not dbm:
            dbm = _option(req, ('mod_python.dbm_session.database_filename', 'session_dbm'), None)
        if not dbm:
            folder = _option(req, ('mod_python.dbm_session.database_directory',
                                   'mod_python.session.database_directory', 'session_directory'),
                             None)
            if folder is None:      # one that strangers may not write to
                folder = private_folder(os.path.join(tempfile.gettempdir(), 'mp_sess'))
            dbm = os.path.join(folder, 'mp_sess.dbm')
        self._name = dbm
        self._file = DbmFile(dbm, dbmtype)
        BaseSession.__init__(self, req, sid, secret, lock, timeout)

    def _locked_call(self, function, *args):
        # type: (Callable[..., Any], *Any) -> Any
        """Calls *function* while no other request has the file."""
        if not self._req.run.lock(self._name):
            raise ServerReturn(503)
        try:
            return function(*args)
        finally:
            self._req.run.unlock(self._name)

    def do_load(self):
        return self._locked_call(self._file.load, self._sid)

    def do_save(self, record):
        self._locked_call(self._file.save, self._sid, record)

    def do_delete(self):
        self._locked_call(self._file.delete, self._sid)

    def do_cleanup(self):
        now = self._req.run.wall()
        self._req.register_cleanup(lambda _: self._locked_call(self._file.sweep, now,
                                                               GRACE_SECONDS))


KINDS = {'MemorySession': MemorySession, 'FileSession': FileSession, 'DbmSession': DbmSession}


def Session(req, sid=None, secret=None, timeout=0, lock=1):
    # type: (Any, Any, Any, Any, Any) -> BaseSession
    """A session of the type that ``PythonOption mod_python.session.session_type`` names;
    MemorySession unless given.

    Raises:   ValueError: an unknown type.
    """
    name = _option(req, ('mod_python.session.session_type', 'session'), 'MemorySession')
    if name not in KINDS:
        raise ValueError('Unknown session type %s' % name)
    return KINDS[name](req, sid=sid, secret=secret, timeout=timeout, lock=lock)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence
