# Copyright the carryall authors.  See LICENSE.
"""The package ``mod_python``, as handlers import it.

    install(loop.module_worlds())
    from mod_python import apache, util, publisher

Tests:    tests/services/modpython/test_apachemodule.py, doc/conformance/mod_python.md
"""
from __future__ import absolute_import, division, print_function

import sys
import types

from carryall.services.modpython import (cgiscripts, formfields, pagecookies, pagepublisher,
                                         pagesessions, psppages, wsgipages)
from carryall.services.modpython.apacheconstants import CONSTANTS, MPM
from carryall.services.modpython.apachelog import log_error
from carryall.services.modpython.apachetable import Table
from carryall.services.modpython.apacherequest import ApacheRequest, ServerReturn
from carryall.services.modpython.fileinfo import file_info

__all__ = ['VERSION', 'install']

VERSION = '2.7.8'           # whose interface this is


class Importer(object):
    """``apache.import_module`` of one process.

    Args:     interpreters: an object with ``current()``.
    """

    def __init__(self, interpreters):
        # type: (Any) -> None
        self._interpreters = interpreters

    def import_module(self, name, autoreload=1, log=0, path=None):
        # type: (str, Any, Any, Optional[Sequence[str]]) -> Any
        """The module *name* of the current interpreter, loaded again if its file has changed.

        Args:     path: folders in which it is looked for first.
        """
        return self._interpreters.current().import_module(name, list(path or ()), bool(autoreload),
                                                          bool(log))


def allow_methods(request, *methods):
    # type: (ApacheRequest, *str) -> None
    """Ends the handler with 405 if the method is none of these."""
    request.allow_methods(methods)
    if request.method not in methods:
        raise ServerReturn(405)


def resolve_object(module, name, arg=None, silent=0):
    # type: (Any, str, Any, Any) -> Any
    """The object *name*, dotted, in *module*; a class on the way is made an object, with *arg*."""
    found = module
    for part in name.split('.'):
        if isinstance(found, type) or type(found).__name__ == 'classobj':
            found = found(arg)
        if silent and not hasattr(found, part):
            return None
        found = getattr(found, part)
    return found


def _apache(interpreters):
    # type: (Any) -> Dict[str, Any]
    members = dict(CONSTANTS)
    members.update(
        SERVER_RETURN=ServerReturn, Request=ApacheRequest, allow_methods=allow_methods,
        import_module=Importer(interpreters).import_module, log_error=log_error, make_table=Table,
        table=Table,
        parse_qs=formfields.parse_qs, parse_qsl=formfields.parse_qsl,
        exists_config_define=lambda name: False, mpm_query=lambda code: MPM.get(code, 0),
        build_cgi_env=cgiscripts.script_environ, stat=file_info, resolve_object=resolve_object,
        server_root=lambda: '/', MODULE_MAGIC_NUMBER_MAJOR=19990320)
    return members


def _public(module):
    # type: (Any) -> Dict[str, Any]
    return dict((name, getattr(module, name)) for name in module.__all__)


def install(interpreters):
    # type: (Any) -> None
    """Makes ``import mod_python`` work in this process.

    Args:     interpreters: those of any loop, which know in which of them a thread is.
    """
    former = sys.modules.get('mod_python')
    if former is not None and getattr(former, 'carryall', False):
        return
    package = types.ModuleType('mod_python')
    package.__path__ = []           # type: ignore
    package.version = VERSION       # type: ignore
    package.carryall = True         # type: ignore
    sys.modules['mod_python'] = package
    for name, members in (
            ('apache', _apache(interpreters)), ('util', _public(formfields)),
            ('publisher', {'handler': pagepublisher.handler, 'File': pagepublisher.File}),
            ('Cookie', _public(pagecookies)), ('Session', _public(pagesessions)),
            ('psp', _public(psppages)), ('cgihandler', {'handler': cgiscripts.handler}),
            ('wsgi', {'handler': wsgipages.handler})):
        module = types.ModuleType('mod_python.' + name)
        vars(module).update(members)
        setattr(package, name, module)
        sys.modules['mod_python.' + name] = module


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
