# Copyright the carryall authors.  See LICENSE.
"""The service type ``publisher``: functions of the modules in a folder, as pages.

    carryall publisher site             # site/shop.py: http://127.0.0.1:8000/shop/FUNCTION
    mktap publisher site && twistd -f publisher.tap

Tests:    tests/services/modpython/test_modpythonservice.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.options import Argument, Flag, Schema
from carryall.app.optiontypes import Path
from carryall.services.modpython.apachesyntax import Directive
from carryall.services.modpython.pipelineserver import OPTIONS, PipelineServer, PipelineType
from carryall.services.modpython.siteconfig import SiteConfig

__all__ = ['SCHEMA', 'TYPE']

FILE = u'the command line'


class PublisherService(PipelineServer):
    """A folder of modules.

    Args:     options: as SCHEMA gives them.
    """

    name = 'publisher'

    def config(self):
        folder = os.path.abspath(self.options.folder)
        lines = [
            _line(u'SetHandler', u'mod_python'),
            _line(u'PythonHandler', u'mod_python.publisher'),
            _line(u'PythonOption', u'publisher.index', u'Off' if self.options.strict else u'On'),
            _line(u'PythonDebug', u'On' if self.options.debug else u'Off'),
        ]
        config = SiteConfig()
        config.take([_line(u'DocumentRoot', folder),
                     Directive(u'Directory', [folder], FILE, 1, lines)])
        return config.done(), FILE


def _line(name, *args):
    # type: (Text, *Text) -> Directive
    return Directive(name, list(args), FILE, 1)


SCHEMA = Schema(OPTIONS + [
    Flag('debug', help='show the traceback of a function that fails to the client'),
    Flag('strict', help='as mod_python 2.7.8: no function index for a path that names none'),
], [Argument('folder', Path('folder'), help='where the modules are')], examples=[
    ('carryall publisher site', 'site/shop.py answers /shop/FUNCTION?ARGUMENT=VALUE'),
])


class PublisherType(PipelineType):
    """The type ``publisher``."""

    name = 'publisher'
    summary = 'functions of modules in a folder, as pages'
    options = SCHEMA
    service = PublisherService


TYPE = PublisherType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Text
