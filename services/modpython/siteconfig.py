# Copyright the carryall authors.  See LICENSE.
"""SiteConfig: a configuration in Apache's syntax, and what it says for one request.

    config = load('/etc/site/httpd.conf')
    host = config.host('www.example.com')
    filename, path_info = host.translate('/app/page/func')
    values = host.values_for('/app/page/func', filename)

Merging:  later ones win: the server, the virtual host, each <Directory> from the root down with the
          .htaccess of that folder, <DirectoryMatch>, <Files> and <FilesMatch>, <Location> and
          <LocationMatch>.  A directive replaces that of a less specific place; PythonOption,
          AddHandler, AddType and ErrorDocument are merged.
          Source: "Configuration Sections" of the Apache HTTP Server's documentation, version 2.4.
Errors:   SyntaxFault, with file and line, for anything unknown.
Tests:    tests/services/modpython/test_siteconfig.py
"""
from __future__ import absolute_import, division, print_function

import fnmatch
import glob
import os
import re

from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.logs import get_logger
from carryall.services.modpython.apachesyntax import parse
from carryall.services.modpython.directives import (HTACCESS, MAPPINGS, NAMES, NO_EFFECT,
                                                    PHASES, PLACE, SERVER, native_text)

__all__ = ['DEFAULT_HOST', 'Host', 'HtaccessFault', 'SiteConfig', 'load']

# -- limits ------------------------------------------------------------------
MAX_INCLUDES = 500          # files of one configuration
MAX_INCLUDE_DEPTH = 16
MAX_CACHED = 1000           # .htaccess files that are kept
MAX_PATTERN = 1000          # characters of a regular expression

_ABSENT = (2, 20)           # the numbers of ENOENT and ENOTDIR on every system
HTACCESS_NAME = '.htaccess'
DEFAULT_HOST = 'localhost'
PUBLISHER = 'mod_python.publisher'
MODULE_SUFFIXES = ('', '.py', '.pyp')       # of one module in a URL
MODULES = frozenset(('mod_python.c', 'mod_python', 'python_module', 'mod_alias.c', 'alias_module',
                     'mod_dir.c', 'dir_module', 'mod_mime.c', 'mime_module', 'mod_auth_basic.c',
                     'auth_basic_module', 'mod_authz_core.c', 'authz_core_module'))

log = get_logger('modpython')


class HtaccessFault(Exception):
    """A .htaccess file that cannot be used; the request is answered with 500."""


class Section(object):
    """One <Directory>, <Files> or <Location>.

    Attributes:
        kind:    'directory', 'directorymatch', 'files' or 'location'.
        values:  of its directives.
        nested:  the <Files> in a <Directory>.
    """

    __slots__ = ('kind', 'values', 'nested', 'depth', '_path', '_pattern')

    def __init__(self, directive):
        # type: (Directive) -> None
        name = directive.name.lower()
        args = list(directive.args)
        is_pattern = name.endswith(u'match')
        if not is_pattern and args[:1] == [u'~']:
            is_pattern = True
            args.pop(0)
        if len(args) != 1:
            raise directive.fault(u'<%s> takes one argument' % directive.name)
        self.kind = native_text(name)
        if self.kind in ('filesmatch', 'locationmatch'):
            self.kind = self.kind[:-len('match')]
        if self.kind == 'directory' and is_pattern:
            self.kind = 'directorymatch'
        self.values = {}            # type: Dict[str, Any]
        self.nested = []            # type: List[Section]
        self._path = native_text(args[0])
        self._pattern = None        # type: Any
        if is_pattern:
            self._pattern = _compiled(self._path, directive)
        elif self.kind == 'directory':
            if not self._path.startswith('/'):
                raise directive.fault(u'<Directory> takes an absolute path')
            self._path = self._path.rstrip('/') or '/'
            if _has_wildcards(self._path):
                self._pattern = re.compile(fnmatch.translate(self._path).replace('.*', '[^/]*'))
        elif _has_wildcards(self._path):
            self._pattern = re.compile(fnmatch.translate(self._path))
        self.depth = self._path.count('/')

    @property
    def directory(self):
        # type: () -> Optional[str]
        """The folder of a plain <Directory>."""
        return self._path if self.kind == 'directory' and self._pattern is None else None

    def matches(self, path):
        # type: (str) -> bool
        """True if the section is for *path*: a folder, a file's name, or the path of a URL."""
        if self._pattern is not None:
            if self.kind == 'directory':
                return self._pattern.match(path) is not None
            return self._pattern.search(path) is not None
        if self.kind == 'location':
            stem = self._path.rstrip('/')
            return path == self._path or path.startswith(stem + '/') or path == stem
        return path == self._path


def _has_wildcards(text):
    # type: (str) -> bool
    return any(sign in text for sign in '*?[')


def _compiled(text, directive):
    # type: (str, Directive) -> Any
    if len(text) > MAX_PATTERN:
        raise directive.fault(u'the expression is longer than %d' % MAX_PATTERN)
    try:
        return re.compile(text)
    except re.error as exc:
        raise directive.fault(u'"%s" is no regular expression: %s' % (text, exc))


class Host(object):
    """The server, or one virtual host of it.

    Args:     values:   of the directives outside of sections, merged with those of the server.
              sections: those of the server, and then its own.
              htaccess: a HtaccessFiles.
    """

    def __init__(self, values, sections, htaccess, is_virtual=False):
        # type: (Dict[str, Any], List[Section], HtaccessFiles, bool) -> None
        self.values = values
        self.is_virtual = is_virtual
        # True if handlers come before the file of a request is known
        self.has_early_handlers = any(phase in values for phase in PHASES[:2])
        self.name = values.get('ServerName', DEFAULT_HOST).partition(':')[0]
        self.aliases = [name.lower() for name in values.get('ServerAlias', ())]
        self._htaccess = htaccess
        self._plain = sorted((section for section in sections if section.kind == 'directory'),
                             key=lambda section: section.depth)
        self._matching = [section for section in sections if section.kind == 'directorymatch']
        self._files = [section for section in sections if section.kind == 'files']
        self._locations = [section for section in sections if section.kind == 'location']
        self._aliases = [(pair[0], pair[1]) for pair in values.get('Alias', ())]

    def serves(self, name):
        # type: (str) -> bool
        """True if the host has this name."""
        name = name.lower()
        return (name == self.name.lower() or
                any(fnmatch.fnmatchcase(name, alias) for alias in self.aliases))

    def candidate(self, uri):
        # type: (str) -> str
        """The path of the file that *uri*, decoded and without dots, names."""
        for prefix, target in self._aliases:
            stem = prefix.rstrip('/')
            if uri == prefix or uri == stem or uri.startswith(stem + '/'):
                return target.rstrip('/') + '/' + uri[len(stem):].lstrip('/')
        root = self.values.get('DocumentRoot')
        return (root or '/nonexistent').rstrip('/') + uri

    def translate(self, candidate):
        # type: (str) -> Tuple[str, str]
        """(filename, path_info) of a candidate: the longest part of it that exists, and one
        component more if that is a folder."""
        whole = '/'
        parts = [part for part in candidate.split('/') if part]
        for number, part in enumerate(parts):
            path = whole.rstrip('/') + '/' + part
            if not os.path.isdir(path):
                rest = parts[number + 1:]
                info = '/' + '/'.join(rest) if rest else ''
                if candidate.endswith('/') and number + 1 <= len(parts):
                    info += '/'
                return path, info
            whole = path
        return (whole + '/' if candidate.endswith('/') and whole != '/' else whole), ''

    def values_for(self, uri, filename):
        # type: (str, str) -> Dict[str, Any]
        """All that is said for one request.

        Raises:   HtaccessFault: a .htaccess on the way cannot be used.
        """
        merged = dict(self.values)
        folder = filename if os.path.isdir(filename) else os.path.dirname(filename)
        nested = list(self._files)
        for here in _prefixes(folder):
            for section in self._plain:
                if section.matches(here):
                    _merge(merged, section.values)
                    nested.extend(section.nested)
            allowed = merged.get('AllowOverride', ['None'])
            if [word.lower() for word in allowed] != ['none']:
                values, files = self._htaccess.read(here, allowed)
                _merge(merged, values)
                nested.extend(files)
        for section in self._matching:
            if section.matches(folder) or section.matches(folder + '/'):
                _merge(merged, section.values)
                nested.extend(section.nested)
        places = [section for section in self._locations if section.matches(uri)]
        names = _names(filename, merged, nested + places) if nested else ()
        for section in nested:
            if any(section.matches(name) for name in names):
                _merge(merged, section.values)
        for section in places:
            _merge(merged, section.values)
        return merged


def _names(filename, values, sections):
    # type: (str, Dict[str, Any], List[Section]) -> Sequence[str]
    """The names by which <Files> knows a file: for the publisher, all that lead to one module."""
    name = os.path.basename(filename.rstrip('/'))
    known = [values] + [section.values for section in sections]
    if not any(spec.module == PUBLISHER for one in known for spec in one.get('PythonHandler', ())):
        return (os.path.basename(filename),)
    stem = 'index' if os.path.isdir(filename) else os.path.splitext(name)[0]
    return [name] + [stem + suffix for suffix in MODULE_SUFFIXES]


def _prefixes(folder):
    # type: (str) -> List[str]
    """The folder and all above it, from the root down."""
    found = ['/']
    for part in folder.split('/'):
        if part:
            found.append(found[-1].rstrip('/') + '/' + part)
    return found


def _merge(merged, values):
    # type: (Dict[str, Any], Dict[str, Any]) -> None
    for name, value in values.items():
        if name in MAPPINGS and name in merged:
            value = _joined(merged[name], value)
        merged[name] = value


def _joined(former, value):
    # type: (Dict[Any, Any], Dict[Any, Any]) -> Dict[Any, Any]
    joined = dict(former)
    joined.update(value)
    return joined


class HtaccessFiles(object):
    """The .htaccess files, each read again when it has changed."""

    def __init__(self):
        # type: () -> None
        self._known = {}            # type: Dict[str, Any]

    def read(self, folder, allowed):
        # type: (str, Sequence[str]) -> Tuple[Dict[str, Any], List[Section]]
        """The values of the file in *folder*, and its <Files> sections.

        Raises:   HtaccessFault.
        """
        path = os.path.join(folder, HTACCESS_NAME)
        try:
            state = os.stat(path)
        except (OSError, IOError) as exc:
            if exc.errno in _ABSENT:
                return {}, []
            log.error('%s: %s', path, exc)      # it may let no user in
            raise HtaccessFault(native_text(path))
        words = frozenset(word.lower() for word in allowed)
        stamp = (state.st_mtime, state.st_size, state.st_ino, words)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            values = {}             # type: Dict[str, Any]
            sections = []           # type: List[Section]
            try:
                directives = parse(read_small_text(path), native_text(path))
                for directive in directives:
                    _read_one(directive, values, sections, words, folder)
            except UsageError as exc:
                log.error('%s', exc)
                raise HtaccessFault(native_text(path))
            if len(self._known) >= MAX_CACHED:
                self._known.clear()
            known = (stamp, values, sections)
            self._known[path] = known
        return known[1], known[2]


def _read_one(directive, values, sections, allowed, folder):
    # type: (Directive, Dict[str, Any], List[Section], FrozenSet[str], str) -> None
    """Takes one directive of a .htaccess file."""
    if directive.children is not None:
        if directive.name.lower() not in (u'files', u'filesmatch'):
            raise directive.fault(u'<%s> is not allowed in %s' % (directive.name, HTACCESS_NAME))
        section = Section(directive)
        for child in directive.children:
            _read_one(child, section.values, sections, allowed, folder)
        sections.append(section)
        return
    rule = NAMES.get(native_text(directive.name.lower()))
    if rule is None:
        raise directive.fault(u'unknown directive %s' % directive.name)
    if 'all' not in allowed and rule.override and rule.override.lower() not in allowed:
        raise directive.fault(u'%s is not allowed here: AllowOverride has no %s'
                              % (rule.name, rule.override))
    rule.apply(values, directive, HTACCESS, folder)


class SiteConfig(object):
    """A whole configuration.

    Attributes:
        server: the Host for names that no virtual host has, unless there are virtual hosts: then
                the first of them.
        listen: arguments of the Listen directives.
        imports: (module, interpreter) pairs of PythonImport.
    """

    def __init__(self, defines=()):
        # type: (Iterable[str]) -> None
        self._defines = frozenset(defines)
        self._files = 0
        self._root = '/'
        self._values = {}           # type: Dict[str, Any]
        self._sections = []         # type: List[Section]
        self._virtual = []          # type: List[Tuple[Dict[str, Any], List[Section]]]
        self._hosts = []            # type: List[Host]
        self.server = None          # type: Any

    @property
    def listen(self):
        # type: () -> List[List[str]]
        """The arguments of each Listen."""
        return self._values.get('Listen', [])

    @property
    def imports(self):
        # type: () -> List[Tuple[str, str]]
        """The modules that PythonImport names, with their interpreters."""
        return self._values.get('PythonImport', [])

    def read(self, path, depth=0):
        # type: (str, int) -> None
        """Adds the directives of the file *path*."""
        self._take(self._parsed(path), self._values, self._sections, SERVER, None, depth)

    def take(self, directives):
        # type: (List[Directive]) -> None
        """Adds directives that were not read from a file."""
        self._take(directives, self._values, self._sections, SERVER, None, 0)

    def _parsed(self, path):
        # type: (str) -> List[Directive]
        self._files += 1
        if self._files > MAX_INCLUDES:
            raise UsageError(u'%s: the configuration has more than %d files'
                             % (path, MAX_INCLUDES))
        return parse(read_small_text(path), native_text(path))

    def done(self):
        # type: () -> SiteConfig
        """Makes the hosts of what was read."""
        htaccess = HtaccessFiles()
        main = Host(self._values, self._sections, htaccess)
        for values, sections in self._virtual:
            merged = dict(self._values)
            merged.pop('ServerAlias', None)
            merged['Alias'] = values.get('Alias', []) + self._values.get('Alias', [])
            _merge(merged, dict((name, value) for name, value in values.items()
                                if name != 'Alias'))
            self._hosts.append(Host(merged, self._sections + sections, htaccess, True))
        self.server = self._hosts[0] if self._hosts else main
        return self

    @property
    def hosts(self):
        # type: () -> List[Host]
        """The virtual hosts, or the server alone."""
        return list(self._hosts) or [self.server]

    def host(self, name):
        # type: (str) -> Host
        """The Host with that name, without a port."""
        for host in self._hosts:
            if host.serves(name):
                return host
        return self.server

    # -- inside ------------------------------------------------------------------------------------

    def _take(self, directives, values, sections, where, directory, depth):
        # type: (List[Directive], Dict[str, Any], List[Section], str, Optional[str], int) -> None
        for directive in directives:
            name = native_text(directive.name.lower())
            if directive.children is not None:
                self._take_section(name, directive, values, sections, where, directory, depth)
            elif name in ('include', 'includeoptional'):
                for child in self._included(directive, name == 'includeoptional', depth):
                    self._take(child, values, sections, where, directory, depth + 1)
            elif name in NAMES:
                NAMES[name].apply(values, directive, where, directory)
                if name == 'serverroot':
                    self._root = values['ServerRoot']
            elif name not in NO_EFFECT:
                raise directive.fault(u'unknown directive %s' % directive.name)

    def _included(self, directive, is_optional, depth):
        # type: (Directive, bool, int) -> List[List[Directive]]
        if len(directive.args) != 1:
            raise directive.fault(u'%s takes one argument' % directive.name)
        if depth >= MAX_INCLUDE_DEPTH:
            raise directive.fault(u'files include one another more than %d deep'
                                  % MAX_INCLUDE_DEPTH)
        path = os.path.join(self._root, native_text(directive.args[0]))
        found = sorted(glob.glob(path))
        if not found and not is_optional:
            raise directive.fault(u'there is no file %s' % path)
        files = []
        for name in found:
            if os.path.isdir(name):
                files.extend(os.path.join(name, entry) for entry in sorted(os.listdir(name)))
            else:
                files.append(name)
        return [self._parsed(name) for name in files]

    def _take_section(self, name, directive, values, sections, where, directory, depth):
        # type: (str, Directive, Dict[str, Any], List[Section], str, Optional[str], int) -> None
        children = directive.children or []
        if name in ('ifmodule', 'ifdefine'):
            if self._holds(name, directive):
                self._take(children, values, sections, where, directory, depth)
        elif name == 'virtualhost':
            if where != SERVER or values is not self._values:
                raise directive.fault(u'<VirtualHost> is not allowed here')
            own = {}                # type: Dict[str, Any]
            inner = []              # type: List[Section]
            self._take(children, own, inner, SERVER, None, depth)
            self._virtual.append((own, inner))
        elif name in ('directory', 'directorymatch', 'files', 'filesmatch', 'location',
                      'locationmatch'):
            if where == PLACE and not name.startswith('files'):
                raise directive.fault(u'<%s> is not allowed here' % directive.name)
            section = Section(directive)
            self._take(children, section.values, section.nested, PLACE,
                       section.directory or directory, depth)
            sections.append(section)
        elif name in ('limit', 'limitexcept', 'requireall', 'requireany', 'requirenone', 'if'):
            raise directive.fault(u'<%s> is not supported' % directive.name)
        else:
            raise directive.fault(u'unknown section <%s>' % directive.name)

    def _holds(self, name, directive):
        # type: (str, Directive) -> bool
        if len(directive.args) != 1:
            raise directive.fault(u'<%s> takes one argument' % directive.name)
        word = native_text(directive.args[0])
        is_negated = word.startswith('!')
        word = word.lstrip('!')
        known = MODULES if name == 'ifmodule' else self._defines
        return (word in known) != is_negated


def load(path, defines=()):
    # type: (str, Iterable[str]) -> SiteConfig
    """The configuration in the file *path*.

    Raises:   UsageError: the file cannot be read, or is wrong; the text says where.
    """
    config = SiteConfig(defines)
    config.read(path)
    return config.done()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple
    from carryall.services.modpython.apachesyntax import Directive
