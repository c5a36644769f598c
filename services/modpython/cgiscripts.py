# Copyright the carryall authors.  See LICENSE.
"""Scripts of CGI in this process, as ``mod_python.cgihandler`` runs them.

    # SetHandler mod_python; PythonHandler mod_python.cgihandler

Each run has an interpreter of its own, and loads the script and what that imports from its folder.
``sys.stdin``, ``sys.stdout`` and ``os.environ`` are those of the thread.  So scripts run at
the same time; mod_python has one lock for all.  ``import cgi`` and ``import cgitb`` work on every
Python (cgireplacement.py).

Fields:   Status and Content-Type; a Location without a Status is a redirect, one inside if it is a
          path (RFC 3875 section 6.2).
Folder:   a relative path of ``open`` is below the script's folder.  The working folder of the
          process is not changed, except on Jython.
Source:   mod_python 3.3's manual, "CGI Handler".
Tests:    tests/services/modpython/test_cgiscripts.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import sys
import traceback
import types

from carryall.core.compat import FAILURES, PY2
from carryall.core.logs import get_logger
from carryall.services.modpython.apacheconstants import OK
from carryall.services.modpython.cgireplacement import cgi_module
from carryall.services.web.htmlpage import escape

__all__ = ['handler', 'script_environ']

MAX_HEADER = 65536          # octets of a script's header section

log = get_logger('modpython')


class ScriptOutput(object):
    """Takes what a script writes: a header section, and a body for the request.

    Attributes:
        location: a path to show instead; None for none.
    """

    def __init__(self, request):
        # type: (Any) -> None
        self.location = None        # type: Optional[str]
        self.ended = False          # the header section
        self._request = request
        self._head = b''

    def write(self, data):
        # type: (bytes) -> None
        """Takes octets.

        Raises:   ValueError: the header section is none.
        """
        if self.ended:
            if self.location is None and data:
                self._request.write(data, 0)
            return
        self._head += data
        for end in (b'\r\n\r\n', b'\n\n'):
            head, found, body = self._head.partition(end)
            if found:
                self.ended = True
                self._take(head)
                self.write(body)
                return
        if len(self._head) > MAX_HEADER:
            raise ValueError('the header section of the script is longer than %d' % MAX_HEADER)

    def _take(self, head):
        # type: (bytes) -> None
        request = self._request
        location = None             # type: Optional[str]
        status = None               # type: Optional[int]
        for line in head.replace(b'\r\n', b'\n').split(b'\n'):
            name, found, value = _native(line).partition(':')
            value = value.strip()
            if not found or not name.strip():
                raise ValueError('%r is no header field of a script' % line)
            low = name.lower()
            if low == 'status':
                status = int(value.split()[0])
                request.status = status
            elif low == 'content-type':
                request.content_type = value
            else:
                if low == 'location':
                    location = value
                request.headers_out.add(name, value)
        if location is None or status is not None:
            return
        if location.startswith('/') and not location.startswith('//'):
            self.location = location
        else:
            request.status = 302


def _native(octets):
    # type: (bytes) -> str
    return octets if PY2 else octets.decode('latin-1')  # type: ignore


class PlainOutput(object):
    """``sys.stdout`` of Python 2."""

    softspace = 0
    encoding = 'utf-8'

    def __init__(self, output):
        # type: (ScriptOutput) -> None
        self._output = output

    def write(self, text):
        # type: (Any) -> None
        """Writes a string, text in UTF-8."""
        self._output.write(text if isinstance(text, bytes) else text.encode('utf-8'))

    def writelines(self, lines):
        # type: (Any) -> None
        """Writes each of *lines*."""
        for line in lines:
            self.write(line)

    def flush(self):
        # type: () -> None
        """Does nothing: what is written is on its way."""

    def isatty(self):
        # type: () -> bool
        """False."""
        return False


class OctetOutput(io.RawIOBase):
    """The buffer below ``sys.stdout`` of Python 3."""

    def __init__(self, output):
        # type: (ScriptOutput) -> None
        io.RawIOBase.__init__(self)
        self._output = output

    def writable(self):
        return True

    def write(self, data):
        self._output.write(bytes(data))
        return len(data)


class OctetInput(io.RawIOBase):
    """The body as a raw stream."""

    def __init__(self, request):
        # type: (Any) -> None
        io.RawIOBase.__init__(self)
        self._request = request

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self._request.read(len(buffer))
        buffer[:len(data)] = data
        return len(data)


def _streams(request, output):
    # type: (Any, ScriptOutput) -> Tuple[Any, Any, Any]
    """The body, and ``sys.stdin`` and ``sys.stdout`` of this Python."""
    body = io.BufferedReader(OctetInput(request))
    if PY2:
        return body, body, PlainOutput(output)
    return (body, io.TextIOWrapper(body, 'utf-8', 'surrogateescape', newline='\n'),
            io.TextIOWrapper(OctetOutput(output), 'utf-8', 'surrogateescape',   # type: ignore
                             newline='\n', write_through=True))


def script_environ(request):
    # type: (Any) -> Dict[str, str]
    """The variables of CGI for the file of *request* (``apache.build_cgi_env``)."""
    request.add_common_vars()
    environ = dict(request.subprocess_env.pairs())
    info = request.path_info or ''
    environ['SCRIPT_NAME'] = request.uri[:len(request.uri) - len(info)]
    environ['GATEWAY_INTERFACE'] = 'Python-CGI/1.1'
    environ['DOCUMENT_ROOT'] = request.document_root()
    if request.user is not None:
        environ['REMOTE_USER'] = request.user
        environ['AUTH_TYPE'] = request.ap_auth_type or ''
    return environ


def handler(request):
    # type: (Any) -> int
    """Runs the script that the request's file is."""
    path = request.filename
    if not os.path.isfile(path):
        return 404
    output = ScriptOutput(request)
    environ = script_environ(request)
    body, stdin, stdout = _streams(request, output)
    shown = []                      # type: List[bool]
    with request.run.interpreter.unused() as interpreter:
        interpreter.provide('cgi', cgi_module(
            body, stdout, environ, lambda file: request.register_cleanup(_close, file)))
        interpreter.provide('cgitb', _cgitb(shown))
        with interpreter.redirected(stdin, stdout, environ):
            try:
                _run(interpreter, path)
            except SystemExit:
                pass                # as a process would end
            except FAILURES:
                if not shown or not shown[-1]:
                    raise
                _show(stdout, output)
    if not output.ended:
        log.error('%s: the script has written no header section', request.uri)
        return 500
    if output.location is not None:
        request.internal_redirect(output.location)
    return OK


def _close(file):
    # type: (Any) -> None
    file.close()


def _run(interpreter, path):
    # type: (Any, str) -> None
    folder = os.path.dirname(path)
    module = interpreter.new_module('__main__', path, [folder])
    module.open = _opener(folder)
    if PY2:
        module.file = module.open
    with open(path, 'rb') as file:
        source = file.read()
    code = compile(source, path, 'exec', 0, True)
    exec(code, module.__dict__)     # pylint: disable=exec-used


def _opener(folder):
    # type: (str) -> Any
    """``open`` with relative paths below *folder*."""
    def opener(name, *args, **options):
        # type: (Any, *Any, **Any) -> Any
        """Opens a file."""
        if isinstance(name, str):
            name = os.path.join(folder, name)
        return open(name, *args, **options)
    return opener


def _cgitb(shown):
    # type: (List[bool]) -> Any
    """The module ``cgitb``: ``enable()`` shows a traceback to the client."""
    module = types.ModuleType('cgitb')

    def enable(display=1, logdir=None, context=5, format='html'):
        # type: (Any, Any, int, str) -> None
        """Shows a traceback, if *display* is true."""
        shown.append(bool(display))

    vars(module).update(enable=enable)
    return module


def _show(stdout, output):
    # type: (Any, ScriptOutput) -> None
    """Writes the traceback of the exception of now; the log has it too."""
    text = traceback.format_exc()
    log.error('a script raised %s\n%s', sys.exc_info()[1], text)
    if not output.ended:
        stdout.write('Status: 500\nContent-Type: text/html; charset=utf-8\n\n')
    stdout.write('<pre>%s</pre>\n' % escape(text))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
