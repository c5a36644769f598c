# Copyright the carryall authors.  See LICENSE.
"""The service type ``modpython``: a site with a configuration in Apache's syntax.

    carryall modpython -f httpd.conf
    mktap modpython -f httpd.conf && twistd -f modpython.tap

Tests:    tests/services/modpython/test_modpythonservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import Option, Schema
from carryall.app.optiontypes import Path, Text
from carryall.core.errors import UsageError
from carryall.services.modpython.apachesyntax import parse
from carryall.services.modpython.pipelineserver import OPTIONS, PipelineServer, PipelineType
from carryall.services.modpython.siteconfig import SiteConfig

__all__ = ['SCHEMA', 'TYPE']

COMMAND_LINE = u'the command line'


class ModPythonService(PipelineServer):
    """A site of handlers.

    Args:     options: as SCHEMA gives them.
    """

    name = 'modpython'

    def config(self):
        return _loaded(self.options), self.options.file or COMMAND_LINE


def _loaded(options):
    # type: (OptionValues) -> SiteConfig
    """The configuration that the options name.

    Raises:   UsageError.
    """
    config = SiteConfig(options.define)
    if options.file is not None:
        config.read(options.file)
    for text in options.directive:
        config.take(parse(text, COMMAND_LINE))
    return config.done()


def _check(options):
    # type: (OptionValues) -> None
    if options.file is None and not options.directive:
        raise UsageError(u'a configuration is needed: -f httpd.conf')


SCHEMA = Schema([
    Option('file', Path('file'), short='f',
           help='the configuration, in Apache\'s syntax; ports are those of --port alone'),
    Option('directive', Text(1, 8192, 'DIRECTIVE'), short='c', repeat=True,
           help='a further directive, such as "PythonDebug On"'),
    Option('define', Text(1, 255, 'NAME'), short='D', repeat=True,
           help='a name for <IfDefine NAME>'),
] + OPTIONS, check=_check, examples=[
    ('carryall modpython -f httpd.conf', 'a site that ran in Apache, on 127.0.0.1:8000'),
])


class ModPythonType(PipelineType):
    """The type ``modpython``."""

    name = 'modpython'
    summary = 'a site of mod_python, with Apache\'s configuration'
    options = SCHEMA
    service = ModPythonService

    def check(self, options):
        try:
            _loaded(options)
        except UsageError as exc:
            return [u'%s' % exc]
        return PipelineType.check(self, options)


TYPE = ModPythonType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues
