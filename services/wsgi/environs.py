# Copyright the carryall authors.  See LICENSE.
"""Environs: the environ of each request (PEP 3333, "environ Variables"; RFC 3875 section 4.1).

A field becomes HTTP_NAME.  A name with an underscore is dropped, since it would collide with one
that has a hyphen there.  Proxy is dropped, since programs take HTTP_PROXY for a setting of their
own ("httpoxy").  Fields of the same name are joined: by a comma, those of Cookie by a semicolon.

Tests:    tests/services/wsgi/test_pep3333.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.codec.uri import percent_decode
from carryall.core.compat import PY2, native
from carryall.protocols.http.fields import HTTP_1_0
from carryall.services.wsgi.filewrapper import FileWrapper

__all__ = ['Environs', 'native_octets']

# -- limits ------------------------------------------------------------------
MAX_SECTIONS = 256          # header sections whose variables are cached
MAX_NAMES = 512             # names of fields that are cached
MAX_TARGETS = 512           # targets that are cached
MAX_TARGET = 256            # octets of the longest of them

# Variables that have no HTTP_
PLAIN = {b'content-type': 'CONTENT_TYPE', b'content-length': 'CONTENT_LENGTH'}


def native_octets(data):
    # type: (bytes) -> str
    """*data* as a native string with one character for each octet (PEP 3333, "Unicode Issues")."""
    return data if PY2 else data.decode('latin-1')      # type: ignore


class Environs(object):
    """Makes the environ of requests.

    Args:     settings: a Settings.
              errors:   the object for wsgi.errors.
    """

    def __init__(self, settings, errors):
        # type: (Settings, Any) -> None
        self._script = settings.script_name
        self._base = {
            'wsgi.version': (1, 0),
            'wsgi.errors': errors,
            'wsgi.multithread': settings.threads > 1,
            'wsgi.multiprocess': settings.multiprocess,
            'wsgi.run_once': False,
            'wsgi.input_terminated': True,
            'wsgi.file_wrapper': FileWrapper,
            'SERVER_SOFTWARE': 'carryall',
        }                           # type: Dict[str, Any]
        self._sections = {}         # type: Dict[int, Tuple[Any, Dict[str, str]]]
        self._names = {}            # type: Dict[bytes, Optional[str]]
        self._targets = {}          # type: Dict[bytes, Tuple[str, str, str]]

    def of(self, request, script=None, rest=None):
        # type: (Request, Optional[bytes], Optional[bytes]) -> Dict[str, Any]
        """The environ of *request*, with an empty wsgi.input.

        Args:     script, rest: SCRIPT_NAME and PATH_INFO, decoded, in place of those by the
                      settings.
        """
        headers = request.headers
        known = self._sections.get(id(headers))
        if known is None or known[0] is not headers:
            known = self._learn(headers)
        environ = known[1].copy()   # type: Dict[str, Any]
        environ.update(self._base)
        environ['REQUEST_METHOD'] = native_octets(request.method)
        target = request.target
        words = self._targets.get(target)
        if words is None:
            words = self._split(request)
        environ['PATH_INFO'], environ['QUERY_STRING'], environ['REQUEST_URI'] = words
        environ['SCRIPT_NAME'] = native_octets(self._script)
        if script is not None:
            environ['SCRIPT_NAME'] = native_octets(script)
            environ['PATH_INFO'] = native_octets(rest or b'')
        elif self._script:
            self._take_script(environ)
        environ['SERVER_PROTOCOL'] = 'HTTP/1.0' if request.version == HTTP_1_0 else 'HTTP/1.1'
        self._add_connection(environ, request)
        environ['wsgi.input'] = io.BytesIO()
        return environ

    @staticmethod
    def _add_connection(environ, request):
        # type: (Dict[str, Any], Request) -> None
        """Adds the variables of the connection."""
        here = request.here
        if here is None or here[1] is None:         # a Unix socket has no port
            environ['SERVER_NAME'] = 'localhost'
            environ['SERVER_PORT'] = '80'
        else:
            environ['SERVER_NAME'] = here[0]
            environ['SERVER_PORT'] = '%d' % here[1]
        peer = request.peer
        if peer is None or peer[1] is None:
            environ['REMOTE_ADDR'] = ''
        else:
            environ['REMOTE_ADDR'] = peer[0]
            environ['REMOTE_PORT'] = '%d' % peer[1]
        if request.scheme == b'http':
            environ['wsgi.url_scheme'] = 'http'
        else:
            environ['wsgi.url_scheme'] = 'https'
            environ['HTTPS'] = 'on'
        user = request.user
        if user is not None:
            environ['REMOTE_USER'] = native_octets(user.encode('utf-8'))
            if request.auth_type is not None:
                environ['AUTH_TYPE'] = native_octets(request.auth_type)

    def _take_script(self, environ):
        # type: (Dict[str, Any]) -> None
        """Moves the script name out of PATH_INFO, if it is there."""
        script = environ['SCRIPT_NAME']
        path = environ['PATH_INFO']
        if path == script or path.startswith(script + '/'):
            environ['PATH_INFO'] = path[len(script):]

    def _split(self, request):
        # type: (Request) -> Tuple[str, str, str]
        """(PATH_INFO, QUERY_STRING, REQUEST_URI) of a target."""
        path = request.path
        if request.target == b'*':
            path = b''              # OPTIONS of the server itself
        decoded = percent_decode(path, lenient=True) or b''
        words = (native_octets(decoded), native_octets(request.query),
                 native_octets(request.target))
        if len(request.target) <= MAX_TARGET:
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            self._targets[request.target] = words
        return words

    def _learn(self, headers):
        # type: (Headers) -> Tuple[Any, Dict[str, str]]
        """The variables of a header section; equal sections are one object."""
        names = self._names
        found = {}                  # type: Dict[str, str]
        for name, value in headers:
            key = names.get(name, 0)    # type: Any
            if key == 0:
                key = self._name(name)
            if key is None:
                continue
            if key in found:
                comma = '; ' if key == 'HTTP_COOKIE' else ', '
                found[key] = found[key] + comma + native_octets(value)
            else:
                found[key] = native_octets(value)
        known = (headers, found)
        if len(self._sections) >= MAX_SECTIONS:
            self._sections.clear()
        self._sections[id(headers)] = known
        return known

    def _name(self, name):
        # type: (bytes) -> Optional[str]
        """The variable of a field; None if it has none."""
        low = name.lower()
        key = PLAIN.get(low)        # type: Optional[str]
        if low != b'proxy' and b'_' not in low and key is None:
            key = 'HTTP_' + native(low.upper().replace(b'-', b'_'))
        if len(self._names) >= MAX_NAMES:
            self._names.clear()
        self._names[name] = key
        return key


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
    from carryall.protocols.http import Headers, Request
    from carryall.services.wsgi.settings import Settings
