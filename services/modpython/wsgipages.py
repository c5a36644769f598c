# Copyright the carryall authors.  See LICENSE.
"""Applications of WSGI in a site of mod_python: ``mod_python.wsgi``.

    PythonHandler mod_python.wsgi
    PythonOption mod_python.wsgi.application module::application
    PythonOption mod_python.wsgi.base_uri /app

Source:   mod_python 3.5's manual, "WSGI Handler"; PEP 3333.
Tests:    tests/services/modpython/test_wsgipages.py
"""
from __future__ import absolute_import, division, print_function

from carryall.services.modpython.apacheconstants import DECLINED, OK

__all__ = ['handler']

WARNING = 4                 # APLOG_WARNING


def handler(request):
    # type: (Any) -> int
    """Answers with the application that the options name; DECLINED if there is none."""
    given = request.get_options()
    said = given.get('mod_python.wsgi.application', '')
    name, _, member = said.partition('::')
    values = request.configured
    app = None
    if name:
        directory = request.hlist.directory
        module = request.run.interpreter.import_module(
            name, [directory] if directory else [], values.get('PythonAutoReload', True),
            values.get('PythonDebug', False))
        app = getattr(module, member or 'application', None)
    if app is None:
        request.log_error('mod_python.wsgi.application (%s) not found, declining.' % said, WARNING)
        return DECLINED
    environ = request.build_wsgi_env()
    if environ is None:
        request.log_error('%s does not begin with mod_python.wsgi.base_uri (%s), declining.'
                          % (request.uri, given.get('mod_python.wsgi.base_uri')), WARNING)
        return DECLINED
    pieces = app(environ, request.wsgi_start_response)
    try:
        for piece in pieces:
            if piece:
                request.write(piece)
    finally:
        if hasattr(pieces, 'close'):
            pieces.close()
    return OK


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
