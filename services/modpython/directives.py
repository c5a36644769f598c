# Copyright the carryall authors.  See LICENSE.
"""Directives: the table of all that a configuration may say, and where.

Each Rule checks one directive and stores its value in a section's dict.  Python's own directives
are those of mod_python 2.7.8 and 3.5, the others those of Apache that such sites use.

Tests:    tests/services/modpython/test_siteconfig.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import PY2

__all__ = ['HTACCESS', 'MAPPINGS', 'NAMES', 'NO_EFFECT', 'PHASES', 'PLACE', 'RULES', 'SERVER',
           'Spec', 'native_text']

# -- where a directive may stand ----------------------------------------------
SERVER = 'server'           # outside of sections, and in <VirtualHost>
PLACE = 'place'             # in <Directory>, <Location>, <Files>
HTACCESS = 'htaccess'       # in .htaccess
EVERYWHERE = (SERVER, PLACE, HTACCESS)

# The phases of a request, in their order: directive -> name in logs
PHASES = ('PythonPostReadRequestHandler', 'PythonTransHandler', 'PythonHeaderParserHandler',
          'PythonInitHandler', 'PythonAccessHandler', 'PythonAuthenHandler', 'PythonAuthzHandler',
          'PythonTypeHandler', 'PythonFixupHandler', 'PythonHandler', 'PythonLogHandler',
          'PythonCleanupHandler')

# Values that a more specific section adds to, and does not replace
MAPPINGS = frozenset(('PythonOption', 'AddHandler', 'ErrorDocument', 'AddType', 'AddInputFilter',
                      'AddOutputFilter', 'PythonInputFilter', 'PythonOutputFilter'))

# Of Apache itself; they are taken, for what they say is the business of the command's own options
NO_EFFECT = frozenset(name.lower() for name in (
    'LoadModule', 'LoadFile', 'PidFile', 'ErrorLog', 'CustomLog', 'LogFormat', 'LogLevel',
    'TransferLog', 'Mutex', 'User', 'Group', 'Timeout', 'KeepAlive', 'MaxKeepAliveRequests',
    'KeepAliveTimeout', 'ServerTokens', 'ServerSignature', 'HostnameLookups', 'UseCanonicalName',
    'TypesConfig', 'DefaultType', 'AccessFileName', 'StartServers', 'MinSpareServers',
    'MaxSpareServers', 'MaxRequestWorkers', 'MaxClients', 'MaxConnectionsPerChild',
    'MaxRequestsPerChild', 'ThreadsPerChild', 'ServerLimit', 'ThreadLimit', 'NameVirtualHost',
    'DefaultRuntimeDir', 'AddDefaultCharset', 'AddModule', 'ClearModuleList', 'ServerType',
    'PythonNoReload', 'PythonOptimize', 'PythonEnablePdb', 'PythonHandlerModule'))


def native_text(text):
    # type: (Text) -> str
    """*text* as the interpreter's own ``str``; in UTF-8 on Python 2."""
    return text.encode('utf-8') if PY2 else text        # type: ignore


class Spec(object):
    """One handler as it is configured.

    Attributes:
        module:    dotted name.
        object:    dotted name in it; None for the phase's own.
        directory: of the section that says so; None outside of <Directory>.
        suffixes:  endings of files that it is for, such as '.py'; empty for all.
    """

    __slots__ = ('module', 'object', 'directory', 'suffixes')

    def __init__(self, text, directory=None, suffixes=()):
        # type: (str, Optional[str], Sequence[str]) -> None
        module, found, name = text.partition('::')
        self.module = module
        self.object = name if found else None
        self.directory = directory
        self.suffixes = tuple(suffixes)

    def __repr__(self):
        return '%s::%s' % (self.module, self.object) if self.object else self.module


class Rule(object):
    """One directive.

    Args:     name:     as documented.
              where:    SERVER, PLACE, HTACCESS: where it may stand.
              least, most: number of arguments.
              override: what AllowOverride must allow for it in .htaccess.
              store:    called with the section's dict, the rule, the directive and the directory.
    """

    __slots__ = ('name', 'where', 'least', 'most', 'override', 'store')

    def __init__(self, name, where, least, most, override, store):
        # type: (str, Sequence[str], int, int, str, Callable[..., None]) -> None
        self.name = name
        self.where = where
        self.least = least
        self.most = most
        self.override = override
        self.store = store

    def apply(self, values, directive, where, directory):
        # type: (Dict[str, Any], Directive, str, Optional[str]) -> None
        """Checks *directive*, and notes it in *values*.

        Raises:   SyntaxFault.
        """
        if where not in self.where:
            raise directive.fault(u'%s is not allowed here' % self.name)
        count = len(directive.args)
        if not self.least <= count <= self.most:
            wanted = (u'%d' % self.least if self.least == self.most else
                      u'%d or more' % self.least)
            raise directive.fault(u'%s takes %s arguments, not %d' % (self.name, wanted, count))
        self.store(values, self, directive, directory)


def _store_text(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    values[rule.name] = native_text(directive.args[0])


def _store_words(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    values[rule.name] = [native_text(word) for word in directive.args]


def _store_more(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    values.setdefault(rule.name, []).append([native_text(word) for word in directive.args])


def _store_flag(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    word = directive.args[0].lower()
    if word not in (u'on', u'off'):
        raise directive.fault(u'%s is On or Off, not %s' % (rule.name, directive.args[0]))
    values[rule.name] = word == u'on'


def _store_option(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    args = directive.args + [u'']
    values.setdefault(rule.name, {})[native_text(args[0])] = native_text(args[1])


def _store_suffixes(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    for suffix in directive.args[1:]:
        suffix = suffix if suffix.startswith(u'.') else u'.' + suffix
        known = values.setdefault(rule.name, {})
        known[native_text(suffix.lower())] = native_text(directive.args[0])


def _store_document(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    status = directive.args[0]
    if not re.match(u'[45][0-9][0-9]\\Z', status):
        raise directive.fault(u'%s is no status of an error' % status)
    values.setdefault(rule.name, {})[int(status)] = native_text(u' '.join(directive.args[1:]))


def _store_specs(values, rule, directive, directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    words = [native_text(word) for word in directive.args]
    suffixes = ()                   # type: Sequence[str]
    if '|' in words:
        at = words.index('|')
        suffixes = words[at + 1:]
        words = words[:at]
    for word in words:
        values.setdefault(rule.name, []).append(Spec(word, directory, suffixes))


def _store_filter(values, rule, directive, directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    spec, name = [native_text(word) for word in directive.args]
    values.setdefault(rule.name, {})[name.upper()] = Spec(spec, directory)


def _store_names(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    values[rule.name] = [name for name in native_text(directive.args[0]).split(';') if name]


def _store_import(values, rule, directive, _directory):
    # type: (Dict[str, Any], Rule, Directive, Any) -> None
    words = [native_text(word) for word in directive.args]
    modules = words
    interpreter = 'main_interpreter'
    if len(words) == 2:             # as of 3.x: PythonImport MODULE INTERPRETER
        modules = words[:1]
        interpreter = words[1]
    values.setdefault(rule.name, []).extend((module, interpreter) for module in modules)


ANY_NUMBER = 1000
RULES = [
    Rule('DocumentRoot', (SERVER,), 1, 1, '', _store_text),
    Rule('ServerName', (SERVER,), 1, 1, '', _store_text),
    Rule('ServerAlias', (SERVER,), 1, ANY_NUMBER, '', _store_words),
    Rule('ServerAdmin', (SERVER,), 1, 1, '', _store_text),
    Rule('ServerRoot', (SERVER,), 1, 1, '', _store_text),
    Rule('Listen', (SERVER,), 1, 2, '', _store_more),
    Rule('Alias', (SERVER,), 2, 2, '', _store_more),
    Rule('AllowOverride', (PLACE,), 1, ANY_NUMBER, '', _store_words),
    Rule('SetHandler', EVERYWHERE, 1, 1, 'FileInfo', _store_text),
    Rule('AddHandler', EVERYWHERE, 2, ANY_NUMBER, 'FileInfo', _store_suffixes),
    Rule('AddType', EVERYWHERE, 2, ANY_NUMBER, 'FileInfo', _store_suffixes),
    Rule('DirectoryIndex', EVERYWHERE, 1, ANY_NUMBER, 'Indexes', _store_words),
    Rule('ErrorDocument', EVERYWHERE, 2, ANY_NUMBER, 'FileInfo', _store_document),
    Rule('Options', EVERYWHERE, 1, ANY_NUMBER, 'Options', _store_words),
    Rule('Require', (PLACE, HTACCESS), 1, ANY_NUMBER, 'AuthConfig', _store_more),
    Rule('Satisfy', (PLACE, HTACCESS), 1, 1, 'AuthConfig', _store_text),
    Rule('Order', (PLACE, HTACCESS), 1, 1, 'Limit', _store_text),
    Rule('Allow', (PLACE, HTACCESS), 2, ANY_NUMBER, 'Limit', _store_more),
    Rule('Deny', (PLACE, HTACCESS), 2, ANY_NUMBER, 'Limit', _store_more),
    Rule('AuthType', (PLACE, HTACCESS), 1, 1, 'AuthConfig', _store_text),
    Rule('AuthName', (PLACE, HTACCESS), 1, 1, 'AuthConfig', _store_text),
    Rule('AuthUserFile', (PLACE, HTACCESS), 1, 1, 'AuthConfig', _store_text),
    Rule('AuthGroupFile', (PLACE, HTACCESS), 1, 1, 'AuthConfig', _store_text),
    Rule('PythonDebug', EVERYWHERE, 1, 1, '', _store_flag),
    Rule('PythonAutoReload', EVERYWHERE, 1, 1, '', _store_flag),
    Rule('PythonInterpreter', EVERYWHERE, 1, 1, '', _store_text),
    Rule('PythonInterpPerDirectory', EVERYWHERE, 1, 1, '', _store_flag),
    Rule('PythonInterpPerDirective', EVERYWHERE, 1, 1, '', _store_flag),
    Rule('PythonOption', EVERYWHERE, 1, 2, '', _store_option),
    Rule('PythonPath', EVERYWHERE, 1, 1, '', _store_text),
    Rule('PythonImport', (SERVER,), 1, ANY_NUMBER, '', _store_import),
]
RULES.extend(Rule(_kind + 'put' + _name, EVERYWHERE, _least, _most, 'FileInfo', _store)
             for _kind, _name, _least, _most, _store in (
                 ('PythonIn', 'Filter', 2, 2, _store_filter),
                 ('PythonOut', 'Filter', 2, 2, _store_filter),
                 ('SetIn', 'Filter', 1, 1, _store_names), ('SetOut', 'Filter', 1, 1, _store_names),
                 ('AddIn', 'Filter', 2, ANY_NUMBER, _store_suffixes),
                 ('AddOut', 'Filter', 2, ANY_NUMBER, _store_suffixes)))
RULES.extend(Rule(_phase, EVERYWHERE, 1, ANY_NUMBER, '', _store_specs) for _phase in PHASES)
NAMES = dict((rule.name.lower(), rule) for rule in RULES)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence, Text
    from carryall.services.modpython.apachesyntax import Directive
