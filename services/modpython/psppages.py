# Copyright the carryall authors.  See LICENSE.
"""Python Server Pages, as ``mod_python.psp`` has them.

    AddHandler mod_python .psp          # PythonHandler mod_python.psp
    psp.PSP(req, 'hello.html', vars={'greet': 'Hello'}).run()

Names:    a page has ``req``, ``psp``, ``form`` and ``session`` (made when the page names them),
          ``apache``, ``util``, ``Session``, ``escape``, and what it is given.
Kept:     the code of a page, in each interpreter, until its file changes.
Errors:   ``psp.set_error_page(NAME)``: that page runs instead, with ``exception``.
``.psp_`` shows the page and its Python side by side, with PythonDebug On.
Source:   mod_python 3.3's manual, "psp - Python Server Pages" and "PSP Handler".
Tests:    tests/services/modpython/test_psppages.py
"""
from __future__ import absolute_import, division, print_function

import ast
import os
import sys
import weakref

from carryall.core.compat import PY2
from carryall.services.modpython.apacheconstants import OK
from carryall.services.modpython.apacherequest import ServerReturn
from carryall.services.modpython.formfields import FieldStorage, apply_fs_data, redirect
from carryall.services.modpython.pagesessions import Session
from carryall.services.modpython.pagesource import escaped, python_of, read_page
from carryall.services.web.htmlpage import escape

__all__ = ['PSP', 'PSPInterface', 'handler', 'parse', 'parsestring']

MAX_KEPT = 512              # pages of one interpreter

# interpreter -> (file and its stamp, or the source) -> code
_kept = weakref.WeakKeyDictionary()     # type: Any


class PSPInterface(object):
    """The object ``psp`` of a page."""

    def __init__(self, request, filename, form):
        # type: (Any, Optional[str], Any) -> None
        self.req = request
        self.filename = filename
        self.form = form
        self.error_page = None      # type: Optional[PSP]

    def set_error_page(self, name):
        # type: (str) -> None
        """The page for exceptions: beside this one, or "/..." below DocumentRoot."""
        if name.startswith('/'):
            path = self.req.document_root() + name
        else:
            path = os.path.join(os.path.dirname(self.filename or self.req.filename), name)
        self.error_page = PSP(self.req, path)

    def apply_data(self, function):
        # type: (Any) -> Any
        """Calls *function* with the fields of the form that it has arguments for."""
        if not self.form:
            self.form = _form(self.req)
        return apply_fs_data(function, self.form, req=self.req)

    def redirect(self, location, permanent=0):
        # type: (str, Any) -> None
        """Sends the client elsewhere, and ends the page.

        Raises:   ServerReturn, always.
        """
        redirect(self.req, location, permanent)


class PSP(object):
    """A page, from a file or a string.

    Args:     filename: relative to the folder of the request's file; that file unless given.
              string:   the source itself.
              vars:     further names for the page.
    Raises:   ServerReturn: 404.  SyntaxError.
    """

    def __init__(self, req, filename=None, string=None, vars=None):
        # type: (Any, Optional[str], Any, Any) -> None
        if string and filename:
            raise ValueError('Must specify either filename or string')
        self.req = req
        self.vars = vars or {}
        self.string = string
        self.filename = None        # type: Optional[str]
        if string:
            self.code, self._names = _compiled(req, string, string, None)
        else:
            self.filename = os.path.join(os.path.dirname(req.filename), filename or req.filename)
            if not os.path.isfile(self.filename):
                raise ServerReturn(404)
            state = os.stat(self.filename)
            key = (self.filename, state.st_mtime, state.st_size, state.st_ino)
            self.code, self._names = _compiled(req, key, None, self.filename)

    def run(self, vars=None, flush=0):
        # type: (Any, Any) -> None
        """Runs the page; what it writes goes to the client."""
        request = self.req
        made = None
        if 'session' in self._names and not hasattr(request, 'session'):
            made = Session(request)
            request.session = made
        form = _form(request) if 'form' in self._names else None
        interface = PSPInterface(request, self.filename, form)
        folder = os.path.dirname(self.filename or request.filename)
        module = request.run.interpreter.new_module('__psp__', self.filename or request.filename,
                                                    [folder])
        space = module.__dict__
        space.update(_members())
        space.update(req=request, form=form, psp=interface,
                     session=getattr(request, 'session', None))
        space.update(self.vars)
        space.update(vars or {})
        try:
            try:
                exec(self.code, space)      # pylint: disable=exec-used
                if flush:
                    request.flush()
                if getattr(request, 'session', None) is not None:
                    request.session.save()
            except ServerReturn:
                raise
            except Exception:
                if interface.error_page is None:
                    raise
                interface.error_page.run({'exception': sys.exc_info()}, flush)
        finally:
            if made is not None:
                made.unlock()
                del request.session

    def __str__(self):
        self.req.content_type = 'text/html'
        self.run()
        return ''

    def display_code(self):
        # type: () -> None
        """Writes the page and its Python, side by side."""
        source = read_page(self.filename or '')
        code = python_of(source, os.path.dirname(self.filename or ''))
        cells = [u'<td><pre>%s</pre></td>' % escape(text) for text in (code, source)]
        self.req.write(u'<table><tr>%s</tr></table>\n' % u''.join(cells))


def _members():
    # type: () -> Dict[str, Any]
    """The modules that a page has without an import."""
    found = dict((name, sys.modules['mod_python.' + name])
                 for name in ('apache', 'util', 'Session', 'Cookie'))   # type: Dict[str, Any]
    found.update(os=os, sys=sys, escape=escaped)
    return found


def _form(request):
    # type: (Any) -> Any
    """The form of the request, read once."""
    if getattr(request, 'form', None) is None:
        request.form = FieldStorage(request, keep_blank_values=1)
    return request.form


def _compiled(request, key, source, path):
    # type: (Any, Any, Any, Optional[str]) -> Tuple[Any, FrozenSet[str]]
    """The code of a page and the names in it, kept under *key*."""
    kept = _kept.setdefault(request.run.interpreter, {})
    code = kept.get(key)
    if code is None:
        folder = None
        if path is not None:
            source = read_page(path)
            folder = os.path.dirname(path)
        code = _code(source, path or '__psp__', folder)
        if len(kept) >= MAX_KEPT:
            kept.clear()
        kept[key] = code
    return code


def _code(source, name, folder):
    # type: (Any, str, Optional[str]) -> Tuple[Any, FrozenSet[str]]
    text = python_of(_text(source), folder)
    octets = b'# -*- coding: utf-8 -*-\n' + text.encode('utf-8') if PY2 else text
    tree = ast.parse(octets, name)      # jython: code objects do not tell their names
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return compile(octets, name, 'exec', 0, True), names


def _text(source):
    # type: (Any) -> Text
    return source.decode('utf-8') if isinstance(source, bytes) else source


def parse(filename, dir=None):
    # type: (str, Optional[str]) -> str
    """The Python of the page in a file."""
    path = os.path.join(dir or '', filename)
    return _native(python_of(read_page(path), os.path.dirname(path)))


def parsestring(string):
    # type: (Any) -> str
    """The Python of the page in *string*."""
    return _native(python_of(_text(string)))


def _native(text):
    # type: (Text) -> str
    return text.encode('utf-8') if PY2 else text    # type: ignore


def handler(request):
    # type: (Any) -> int
    """Runs the page that the request's file is."""
    request.content_type = 'text/html'
    if request.filename.endswith('_') and request.get_config().get('PythonDebug') == '1':
        PSP(request, request.filename[:-1]).display_code()
    else:
        PSP(request).run()
    return OK


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, Optional, Text, Tuple
