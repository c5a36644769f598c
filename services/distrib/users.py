# Copyright the carryall authors.  See LICENSE.
"""UserDirectory: one port for all users of a machine (Twisted's, from ``mktap web --user``).

    /                   the users: ``NAME`` has ~NAME/public_html,
                        ``NAME.twistd`` runs a personal server
    /NAME/              the files in ~NAME/public_html; /~NAME/ redirects there: a path with two
                        names cannot be guarded
    /NAME.twistd/       the pages of the personal server behind ~NAME/.twistd-web-pb

Trust:    a socket is used only if it and the process behind it belong to the user, and never
          through a link (personalsockets.py).  Otherwise any user who can write into a careless
          home could answer for its owner, and the owner could publish sockets of others.
Tests:    tests/services/distrib/test_users.py
"""
from __future__ import absolute_import, division, print_function

import os
import re

from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.future import Return, as_future, coroutine, with_timeout
from carryall.protocols.http import MutableHeaders, Response
from carryall.core.codec.uri import encode_segment, join_segments
from carryall.services.distrib.personalsockets import connect_to, is_socket
from carryall.services.distrib.state import mounted_segments, under
from carryall.services.distrib.subscription import Subscription
from carryall.services.web.errorpage import error_response, no_method
from carryall.services.web.folderpage import shown_name
from carryall.services.web.htmlpage import escape, html_headers, page
from carryall.services.web.static import StaticFiles

try:
    import pwd
except ImportError:             # Windows has no such accounts
    pwd = None                  # type: ignore

__all__ = ['SOCKET_NAME', 'UserDirectory', 'relocated', 'with_slash']

FOLDER_NAME = 'public_html'
SOCKET_NAME = '.twistd-web-pb'
SUFFIX = b'.twistd'

# -- limits ------------------------------------------------------------------
LOOK_SECONDS = 20.0         # until the system must have found a user
LIST_SECONDS = 60.0         # and all users
LISTING_SECONDS = 60.0      # that the list of users is kept, as reading it may be slow
MAX_LISTED = 10000          # users in the list
MAX_KEPT = 1000             # users whose files or server are kept ready
IDLE_SECONDS = 600.0        # after which a connection to a personal server is closed

NAME = re.compile(b'[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\\Z')

class UserDirectory(object):
    """The application.

    Args:     users: has ``getpwnam`` and ``getpwall``, as the module pwd.
              make_site: called with a folder, returns the application for its files.
    """

    def __init__(self, loop, users=pwd, make_site=None):
        # type: (Any, Any, Any) -> None
        self._loop = loop
        self._users = users
        self._make_site = make_site or self._static
        self._kept = {}             # type: Dict[Tuple[bytes, bool], Any]
        self._page = None           # type: Any
        self._made = 0.0            # the time at which the page was made

    def close(self):
        # type: () -> None
        """Ends all connections."""
        for app in self._kept.values():
            if isinstance(app, Subscription):
                app.close()
        self._kept.clear()

    def __call__(self, request):
        # type: (Any) -> Any
        """A Response, or a Future of one."""
        segments = mounted_segments(request.path)
        if segments is None:
            return error_response(request, 400)
        first = segments[0]
        if not first and len(segments) == 1:
            return self._listing(request)
        name, sub = (first[:-len(SUFFIX)], True) if first.endswith(SUFFIX) \
            else (first.lstrip(b'~'), False)
        if not NAME.match(name) or first[:2] == b'~~':
            return error_response(request, 404)
        if len(segments) == 1:
            return with_slash(request)
        if not sub and first[:1] == b'~':
            return _redirect(request, join_segments([name] + segments[1:]))
        kept = self._kept.get((name, sub))
        if kept is not None:
            return self._serve(kept, request, sub)
        return self._find(name, sub).then(lambda app: error_response(request, 404) if app is None
                                          else self._serve(app, request, sub))

    def _serve(self, app, request, sub):
        # type: (Any, Any, bool) -> Any
        if sub:
            return app(request, 1)
        return relocated(as_future(app(under(request, 1))), b'/' + request.path.split(b'/')[1])

    # -- users -------------------------------------------------------------------------------------

    @coroutine
    def _find(self, name, sub):
        # type: (bytes, bool) -> Any
        """A Future of the application for a user; None if the user is unknown,
        or publishes nothing."""
        user = yield with_timeout(self._loop, self._loop.run_in_thread(
            _look_up, self._users, native(name), sub), LOOK_SECONDS)
        if user is None:
            raise Return(None)
        home, uid = user
        if sub:
            app = Subscription(self._loop,
                               [lambda: connect_to(self._loop, os.path.join(home, SOCKET_NAME), uid,
                                                  **Subscription.options())])
        else:
            app = self._make_site(os.path.join(home, FOLDER_NAME))      # type: Any
        self._keep((name, sub), app)
        raise Return(app)

    def _keep(self, key, app):
        # type: (Tuple[bytes, bool], Any) -> None
        now = self._loop.time()
        idle = [one for one, kept in self._kept.items()
                if isinstance(kept, Subscription) and not kept.under_way
                and now - kept.used > IDLE_SECONDS]
        for one in idle or (list(self._kept)[:1] if len(self._kept) >= MAX_KEPT else []):
            gone = self._kept.pop(one)
            if isinstance(gone, Subscription):
                gone.close()
        self._kept[key] = app

    def _static(self, folder):
        # type: (str) -> StaticFiles
        return StaticFiles(folder, self._loop.wall, listing=True, symlinks='owner', own_root=False,
                           turns=self._loop.turns)

    # -- the list ----------------------------------------------------------------------------------

    def _listing(self, request):
        # type: (Any) -> Any
        if request.method not in (b'GET', b'HEAD'):
            return no_method(request, [b'GET', b'HEAD'])
        if self._page is not None and self._loop.time() - self._made < LISTING_SECONDS:
            return Response(200, MutableHeaders(html_headers()), self._page)
        return with_timeout(self._loop, self._loop.run_in_thread(_list_users, self._users),
                            LIST_SECONDS).then(self._listed)

    def _listed(self, rows):
        # type: (List[Tuple[bytes, str]]) -> Response
        lines = [u'<li><a href="%s/">%s</a></li>\n'
                 % (escape(encode_segment(link).decode('ascii')), escape(_readable(text)))
                 for link, text in rows]
        count = u'Places: %d.' % len(rows) if rows else u'No user has pages here.'
        self._page = page(u'Users', u'<main>\n<h1>Users</h1>\n<p>%s</p>\n<ul class="list">\n%s'
                                    u'</ul>\n</main>\n' % (count, u''.join(lines)))
        self._made = self._loop.time()
        return Response(200, MutableHeaders(html_headers()), self._page)


def _readable(text):
    # type: (Any) -> Text
    """A user's real name, in whatever encoding."""
    return shown_name(to_bytes(text))


def _look_up(users, name, sub):
    # type: (Any, str, bool) -> Optional[Tuple[str, int]]
    """(home, uid) of a user who has a folder or a socket; None for others.  It may be slow."""
    if users is None:
        return None
    try:
        found = users.getpwnam(name)
    except FAILURES:            # KeyError; jython: sometimes another
        return None
    there = is_socket(os.path.join(found.pw_dir, SOCKET_NAME)) if sub else _there(
        os.path.join(found.pw_dir, FOLDER_NAME))
    return (found.pw_dir, found.pw_uid) if there else None


def _there(path):
    # type: (str) -> bool
    try:
        return os.path.exists(path)
    except FAILURES:            # jython: a home that is not a valid path
        return False


def _list_users(users):
    # type: (Any) -> List[Tuple[bytes, str]]
    """(link, text) of all users with something to see.  It may be slow."""
    rows = []                   # type: List[Tuple[bytes, str]]
    for found in (users.getpwall() if users is not None else ())[:MAX_LISTED]:
        name = to_bytes(found.pw_name)
        if not NAME.match(name):
            continue
        real = found.pw_gecos.split(',')[0] or found.pw_name
        if _there(os.path.join(found.pw_dir, FOLDER_NAME)):
            rows.append((name, '%s (file)' % real))
        if is_socket(os.path.join(found.pw_dir, SOCKET_NAME)):
            rows.append((name + SUFFIX, '%s (twistd)' % real))
    return rows


# -- small things ------------------------------------------------------------

def with_slash(request):
    # type: (Any) -> Response
    """A redirect to the same path with a slash at its end."""
    return _redirect(request, b'/' + request.path.lstrip(b'/') + b'/')


def _redirect(request, path):
    # type: (Any, bytes) -> Response
    query = b'?' + request.query if request.query else b''
    return Response(301, [(b'Location', path + query)])


def relocated(future, prefix):
    # type: (Any, bytes) -> Any
    """The same Response, with its redirect moved below *prefix*,
    which the application does not know."""
    def move(response):
        # type: (Response) -> Response
        location = response.headers.get(b'location')
        if location is None or location[:1] != b'/' or location[1:2] == b'/':
            return response
        headers = MutableHeaders(list(response.headers))
        headers.set(b'Location', prefix + location)
        return Response(response.status, headers, response.body)
    return future.then(move)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Text, Tuple
