# Copyright the carryall authors.  See LICENSE.
"""Modules that were moved can be imported by their former names, with a DeprecationWarning.

Tests:    tests/house/test_former_names.py
"""
from __future__ import absolute_import, division, print_function

import sys
import warnings

__all__ = ['FORMER', 'FormerNames', 'install']

FORMER = {
    'carryall.core.appendfile': 'carryall.core.files.appendfile',
    'carryall.core.application': 'carryall.app.application',
    'carryall.core.auth.bans': 'carryall.app.bans',
    'carryall.core.auth.turns': 'carryall.core.auth.places',
    'carryall.core.buffer': 'carryall.core.codec.buffer',
    'carryall.core.commands': 'carryall.core.line.commandtable',
    'carryall.core.cursor': 'carryall.core.codec.cursor',
    'carryall.core.deadlines': 'carryall.core.net.deadlines',
    'carryall.core.endpoints': 'carryall.app.endpoints',
    'carryall.core.eyeballs': 'carryall.core.net.eyeballs',
    'carryall.core.filenames': 'carryall.core.files.filenames',
    'carryall.core.fileuser': 'carryall.core.files.fileuser',
    'carryall.core.folders': 'carryall.core.files.folders',
    'carryall.core.framing': 'carryall.core.line.framing',
    'carryall.core.gathering': 'carryall.core.line.commandserver',
    'carryall.core.handover': 'carryall.core.wrap.relay',
    'carryall.core.home': 'carryall.app.home',
    'carryall.core.ip': 'carryall.core.net.ip',
    'carryall.core.kinds': 'carryall.app.optiontypes',
    'carryall.core.leaving': 'carryall.core.wrap.linger',
    'carryall.core.limits': 'carryall.core.bounds',
    'carryall.core.loop': 'carryall.core.net.loop',
    'carryall.core.networks': 'carryall.core.net.networks',
    'carryall.core.octetpaths': 'carryall.core.files.octetpaths',
    'carryall.core.options': 'carryall.app.options',
    'carryall.core.plainfile': 'carryall.core.files.plainfile',
    'carryall.core.policies': 'carryall.core.wrap.policies',
    'carryall.core.process': 'carryall.core.net.process',
    'carryall.core.protocol': 'carryall.core.net.protocol',
    'carryall.core.proxies': 'carryall.app.proxies',
    'carryall.core.proxyprotocol': 'carryall.core.wrap.proxyprotocol',
    'carryall.core.registry': 'carryall.app.servicetypes',
    'carryall.core.segment': 'carryall.core.net.segment',
    'carryall.core.service': 'carryall.app.service',
    'carryall.core.stamps': 'carryall.core.files.stamps',
    'carryall.core.tapcodec': 'carryall.app.tapcodec',
    'carryall.core.tapfile': 'carryall.app.tapfile',
    'carryall.core.tapscalars': 'carryall.app.tapscalars',
    'carryall.core.testing.loop': 'carryall.core.testing.fakeloop',
    'carryall.core.testing.wire': 'carryall.core.testing.fakewire',
    'carryall.core.tls.der': 'carryall.core.codec.der',
    'carryall.core.transport': 'carryall.core.net.transport',
    'carryall.core.turns': 'carryall.core.net.turns',
    'carryall.core.usage': 'carryall.app.usage',
    'carryall.core.wirenum': 'carryall.core.codec.numbers',
}


class FormerNames(object):
    """Finds a module by its former name; it is the same object by both names."""

    def find_spec(self, name, path=None, target=None):
        # type: (str, Any, Any) -> Any
        """The spec of a former name; None for any other."""
        if name not in FORMER:
            return None
        return type(sys.__spec__)(name, self)       # type: ignore  # a ModuleSpec, without another import

    def create_module(self, spec):
        # type: (Any) -> Any
        """The module by its present name."""
        module = _present(spec.name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # type: (Any) -> None
        """Gives the module back what its spec was; it has run already."""
        module.__spec__ = module.__spec__.loader_state

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        """As `find_spec`, for Python 2."""
        return self if name in FORMER else None

    def load_module(self, name):
        # type: (str) -> Any
        """The module by its present name, for Python 2."""
        module = sys.modules[name] = _present(name)
        return module


def install():
    # type: () -> None
    """Adds the former names behind all other ways to find a module."""
    sys.meta_path.append(FormerNames())     # type: ignore  # of 2.7 and 3 at the same time


def _present(name):
    # type: (str) -> Any
    warnings.warn('%s is %s now' % (name, FORMER[name]), DeprecationWarning, 3)
    __import__(FORMER[name])
    return sys.modules[FORMER[name]]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
