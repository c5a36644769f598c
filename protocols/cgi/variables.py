# Copyright the carryall authors.  See LICENSE.
"""The meta-variables of a request (RFC 3875 section 4.1), and the words of an old-style search.

Never passed on: ``Proxy``, which would become HTTP_PROXY, the proxy of many clients; Authorization
and Proxy-Authorization (section 4.1.18); the fields that frame the request.  A field whose name has
more than letters, digits and ``-`` is dropped too, as ``X_A`` and ``X-A`` would be one variable.

Tests:    tests/protocols/cgi/test_variables.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import percent_decode
from carryall.core.compat import to_bytes
from carryall.core.records import namedtuple

__all__ = ['ScriptFacts', 'ScriptVariables', 'meta_variables', 'search_words']

# -- limits ------------------------------------------------------------------
MAX_WORDS = 100             # of a search
MAX_STANDING = 64           # sets of variables that are kept for a program
MAX_HOST = 255              # octets of the longest host of which they are kept
MAX_NAMES = 256             # names of fields whose variables are kept
MAX_NAME = 64               # octets of the longest of them

GATEWAY = b'CGI/1.1'
NAME = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-'
HIDDEN = frozenset((b'authorization', b'content-length', b'expect', b'proxy',
                    b'proxy-authorization', b'transfer-encoding'))
CONTENT_TYPE = b'CONTENT_TYPE'

# name of a field -> its variable, or None
_variables = {}             # type: Dict[bytes, Optional[bytes]]

# What an adapter that has no file may give for the script of `meta_variables`.
ScriptFacts = namedtuple('ScriptFacts', 'path name path_info root')


class ScriptVariables(object):
    """The variables of the requests for one program; those that few requests change are kept.

    Args:     script: an object with ``path``, ``name``, ``path_info`` and ``root``.
              software: SERVER_SOFTWARE.
              more: variables that follow these, as (name, value) pairs.
    """

    def __init__(self, script, software=b'carryall', more=()):
        # type: (Any, bytes, Sequence[Tuple[bytes, bytes]]) -> None
        self._script = script
        self._software = software
        self._more = more
        # (id of a peer, host, version) -> (the peer, variables).  The requests of a connection have
        # one object as their peer; it is kept so that no other gets its id().
        self._standing = {}         # type: Dict[Any, Tuple[Any, Dict[bytes, bytes]]]

    def of(self, request):
        # type: (Any) -> Dict[bytes, bytes]
        """Name -> value, for *request*; the caller may change the dict."""
        peer = request.peer
        known = self._standing.get((id(peer), request.host, request.version))
        if known is None or known[0] is not peer or peer is None:
            known = self._learn(peer, request)
        found = known[1].copy()     # type: Dict[bytes, bytes]
        headers = request.headers
        found[b'REQUEST_METHOD'] = request.method
        found[b'REQUEST_URI'] = request.target
        found[b'QUERY_STRING'] = request.query
        length = request.length
        if length > 0:
            found[b'CONTENT_LENGTH'] = b'%d' % length
        elif length == 0 and b'content-length' in headers:
            found[b'CONTENT_LENGTH'] = b'0'
        user = request.user
        if user is not None:
            if request.auth_type is not None:
                found[b'AUTH_TYPE'] = request.auth_type
            found[b'REMOTE_USER'] = to_bytes(user)
        _add_fields(found, headers)
        found.update(self._more)
        return found

    def _learn(self, peer, request):
        # type: (Any, Any) -> Tuple[Any, Dict[bytes, bytes]]
        """(peer, standing variables)."""
        known = (peer, self._made(request))
        if request.host is not None and len(request.host) > MAX_HOST:
            return known
        if len(self._standing) >= MAX_STANDING:
            self._standing.clear()
        self._standing[id(peer), request.host, request.version] = known
        return known

    def _made(self, request):
        # type: (Any) -> Dict[bytes, bytes]
        """The variables of the server, of the script and of the connection."""
        script = self._script
        host, port = _server(request)
        found = {
            b'GATEWAY_INTERFACE': GATEWAY,
            b'SERVER_SOFTWARE': self._software,
            b'SERVER_NAME': host,
            b'SERVER_PORT': port,
            b'SERVER_PROTOCOL': b'HTTP/%d.%d' % request.version,
            b'REQUEST_SCHEME': request.scheme,
            b'SCRIPT_NAME': script.name,
            b'SCRIPT_FILENAME': script.path,
            b'DOCUMENT_ROOT': script.root}
        if request.scheme == b'https':
            found[b'HTTPS'] = b'on'
        if script.path_info:
            found[b'PATH_INFO'] = script.path_info
            found[b'PATH_TRANSLATED'] = script.root + script.path_info
        _add_addresses(found, request)
        return found


def meta_variables(request, script, software=b'carryall'):
    # type: (Any, Any, bytes) -> List[Tuple[bytes, bytes]]
    """The variables of *request* for the program *script*, in no order.

    Args:     request: a Request.
              script, software: see ScriptVariables.
    """
    return list(ScriptVariables(script, software).of(request).items())


def _server(request):
    # type: (Any) -> Tuple[bytes, bytes]
    """SERVER_NAME and SERVER_PORT: those of the request, else those of our end (section 4.1.14)."""
    here = request.here
    port = b'443' if request.scheme == b'https' else b'80'
    if here is not None and here.port is not None:
        port = b'%d' % here.port
    if request.host:
        name = request.host
        if name[-1:] != b']':
            name = name.rpartition(b':')[0] or name
        return name.lower(), port
    if here is None or here.port is None:
        return b'localhost', port
    return to_bytes('[%s]' % here.host if ':' in here.host else here.host), port


def _add_addresses(found, request):
    # type: (Dict[bytes, bytes], Any) -> None
    """Adds REMOTE_ADDR and REMOTE_HOST (sections 4.1.8, 4.1.9), which are the same here."""
    peer = request.peer
    # The client of a Unix socket is this machine's.
    address = b'127.0.0.1' if peer is None or peer.port is None else to_bytes(peer.host)
    found[b'REMOTE_ADDR'] = address
    found[b'REMOTE_HOST'] = address
    if peer is not None and peer.port is not None:
        found[b'REMOTE_PORT'] = b'%d' % peer.port
    here = request.here
    if here is not None and here.port is not None:
        found[b'SERVER_ADDR'] = to_bytes(here.host)


def _add_fields(found, headers):
    # type: (Dict[bytes, bytes], Any) -> None
    """Adds CONTENT_TYPE, and HTTP_ and the name of each other field (section 4.1.18)."""
    variable_of = _variables.get
    for name, value in headers:
        variable = variable_of(name, b'')
        if variable == b'':
            variable = _variable(name)
        if variable is None:
            continue
        if variable in found:
            value = headers.get(name)       # of all lines with that name
        if value or variable != CONTENT_TYPE:
            found[variable] = value


def _variable(name):
    # type: (bytes) -> Optional[bytes]
    """The variable of a field; None if it has none."""
    key = name.lower()
    variable = None             # type: Optional[bytes]
    if key == b'content-type':
        variable = CONTENT_TYPE
    elif key not in HIDDEN and not name.translate(None, NAME):
        variable = b'HTTP_' + name.upper().replace(b'-', b'_')
    if len(_variables) >= MAX_NAMES:
        _variables.clear()
    if len(name) <= MAX_NAME:
        _variables[name] = variable
    return variable


def search_words(request):
    # type: (Any) -> List[bytes]
    """The words of ``?one+two%20too``, for the command line of a program (RFC 3875 section 4.4).

    There are none if the query has ``=``, or if one could be taken for an option of the program:
    words begin with no ``-``.
    """
    query = request.query
    if not query or b'=' in query or request.method not in (b'GET', b'HEAD'):
        return []
    words = [percent_decode(word) for word in query.split(b'+')]
    for word in words:
        if not word or word[:1] == b'-' or b'\0' in word:
            return []
    return words if len(words) <= MAX_WORDS else []     # type: ignore


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
