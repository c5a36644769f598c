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

__all__ = ['ScriptFacts', 'meta_variables', 'search_words']

# -- limits ------------------------------------------------------------------
MAX_WORDS = 100             # of a search

GATEWAY = b'CGI/1.1'
NAME = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-'
HIDDEN = frozenset((b'authorization', b'content-length', b'content-type', b'expect',
                    b'proxy', b'proxy-authorization', b'transfer-encoding'))

# What an adapter that has no file may give for the script of `meta_variables`.
ScriptFacts = namedtuple('ScriptFacts', 'path name path_info root')


def meta_variables(request, script, software=b'carryall'):
    # type: (Any, Any, bytes) -> List[Tuple[bytes, bytes]]
    """The variables of *request* for the program *script*, in no order.

    Args:     request: a Request.
              script: an object with ``path``, ``name``, ``path_info`` and ``root``.
              software: SERVER_SOFTWARE.
    """
    headers = request.headers
    host, port = _server(request)
    found = [
        (b'GATEWAY_INTERFACE', GATEWAY),
        (b'SERVER_SOFTWARE', software),
        (b'SERVER_NAME', host),
        (b'SERVER_PORT', port),
        (b'SERVER_PROTOCOL', b'HTTP/%d.%d' % request.version),
        (b'REQUEST_METHOD', request.method),
        (b'REQUEST_URI', request.target),
        (b'REQUEST_SCHEME', request.scheme),
        (b'QUERY_STRING', request.query),
        (b'SCRIPT_NAME', script.name),
        (b'SCRIPT_FILENAME', script.path),
        (b'DOCUMENT_ROOT', script.root)]
    if request.scheme == b'https':
        found.append((b'HTTPS', b'on'))
    if script.path_info:
        found.append((b'PATH_INFO', script.path_info))
        found.append((b'PATH_TRANSLATED', script.root + script.path_info))
    if request.length > 0:
        found.append((b'CONTENT_LENGTH', b'%d' % request.length))
    elif request.length == 0 and b'content-length' in headers:
        found.append((b'CONTENT_LENGTH', b'0'))
    kind = headers.get(b'content-type')
    if kind:
        found.append((b'CONTENT_TYPE', kind))
    _add_addresses(found, request)
    if request.user is not None:
        if request.auth_type is not None:
            found.append((b'AUTH_TYPE', request.auth_type))
        found.append((b'REMOTE_USER', to_bytes(request.user)))
    _add_fields(found, headers)
    return found


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
    # type: (List[Tuple[bytes, bytes]], Any) -> None
    """Adds REMOTE_ADDR and REMOTE_HOST (sections 4.1.8, 4.1.9), which are the same here."""
    peer = request.peer
    # The client of a Unix socket is this machine's.
    address = b'127.0.0.1' if peer is None or peer.port is None else to_bytes(peer.host)
    found.append((b'REMOTE_ADDR', address))
    found.append((b'REMOTE_HOST', address))
    if peer is not None and peer.port is not None:
        found.append((b'REMOTE_PORT', b'%d' % peer.port))
    here = request.here
    if here is not None and here.port is not None:
        found.append((b'SERVER_ADDR', to_bytes(here.host)))


def _add_fields(found, headers):
    # type: (List[Tuple[bytes, bytes]], Any) -> None
    """Adds HTTP_ and the name of each field (section 4.1.18)."""
    seen = set(HIDDEN)
    for name, value in headers:
        key = name.lower()
        if key in seen or name.translate(None, NAME):
            continue
        seen.add(key)
        found.append((b'HTTP_' + _upper(key), headers.get(key)))


def _upper(name):
    # type: (bytes) -> bytes
    """*name* in upper case, with ``_`` for ``-``."""
    return name.upper().replace(b'-', b'_')


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
    from typing import Any, List, Tuple
