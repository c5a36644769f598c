# Copyright the carryall authors.  See LICENSE.
"""The types of service that `mktap`, `twistd` and `carryall` know by name.

A module that offers a type defines one object named `TYPE`, a `ServiceType`::

    from carryall.app.options import Endpoint, Flag, Option, Path, Schema
    from carryall.app.servicetypes import ServiceType

    class FingerType(ServiceType):
        name = 'finger'
        summary = 'tells who is logged in (RFC 1288)'
        # of the options; raise it when a name or a meaning changes
        version = 2
        options = Schema([
            Option('port', Endpoint(), short='p', default='tcp:79', help='where to listen'),
            Option('plan', Path('folder'), help='folder of plan files, NAME.plan'),
            Flag('verbose', short='v', help='answer with the idle time too')])

        def upgrade(self, values, version):    # values as a tap of that older version holds them
            if version == 1:
                values['plan'] = values.pop('plans', None)
            return values

        def make(self, options):               # a new, stopped core.service.Service
            return FingerService(options.port, options.plan)

    TYPE = FingerType()

`options` has an attribute for each option, `_` for `-` (app/optionvalues.py).  A value is None,
bool, int, float, text, or for a repeated option a list of these; a pair is the tuple (name, value).
A tap holds the same as a dict, which `upgrade` gets; nothing else may be put into it.
`options['port']` works for one more minor version, with a DeprecationWarning.

`make` opens no file and binds no port: `Service.start(loop)` does, and raises the error if the
service cannot start.

Types come from these sources, of which the first that has the name counts:

1. the table that the registry is given, such as `TYPES` of commands/catalogue.py: static, so that
   it works in a frozen program or a jar;
2. the entry points of installed distributions, group `carryall.types`, `name = module.path`;
3. drop-in files: `*.carryall-types` in a folder on `sys.path` or named by the environment variable
   CARRYALL_TYPES, one type a line: `name module.path summary words`.
A type's module is imported when the type is used, not before.

Not here: options (app/options.py), what runs (app/service.py), the saved form (app/application.py).
Tests:    tests/app/test_servicetypes.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.formernames import FormerTable, former_table
from carryall.core.errors import CarryallError, UsageError
from carryall.core.patterns import Pattern
from carryall.core.files.plainfile import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
    from carryall.app.options import Schema
    from carryall.app.optionvalues import OptionValues
    from carryall.app.service import Service

__all__ = ['BUILTIN', 'Registry', 'ServerType', 'ServiceType', 'UnknownType', 'nearest']

# -- limits ------------------------------------------------------------------
MAX_PLUGIN_FILE = 65536     # bytes of one entry_points.txt or drop-in file
MAX_PLUGINS = 1000          # types found outside the table

BUILTIN = FormerTable('carryall.app.servicetypes.BUILTIN')
GROUP = 'carryall.types'
DROP_IN = '.carryall-types'
NAME = Pattern(r'[a-z][a-z0-9-]{0,31}\Z')
MODULE = Pattern(r'[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z')


def nearest(name, names):
    # type: (str, Sequence[str]) -> str
    """`; did you mean "x"?` if one of *names* is near, else nothing."""
    import difflib      # only for the user who mistyped
    near = difflib.get_close_matches(name, names, 1)
    return u'; did you mean "%s"?' % near[0] if near else u''


class UnknownType(UsageError):
    """The name of a type is unknown.

    Attributes:
        hint: the part of the text that leads to a known name; '' if the text lists all of them.
    """

    def __init__(self, message, hint=u''):
        # type: (str, str) -> None
        UsageError.__init__(self, message)
        self.hint = hint


class ServiceType(object):
    """A type of service: its name, its options, and the method that makes a service of them."""

    name = ''           # type: str
    summary = ''        # type: str
    version = 1         # type: int
    options = None      # type: Any

    def upgrade(self, values, version):
        # type: (Dict[str, Any], int) -> Dict[str, Any]
        """Converts the values of an older version (1 or more, below `self.version`)."""
        raise CarryallError('type %s cannot upgrade options of version %d to version %d'
                            % (self.name, version, self.version))

    def make(self, options):
        # type: (OptionValues) -> Service
        """Makes the service; the owner of the loop starts it later."""
        raise NotImplementedError(self.name)

    def check(self, options):
        # type: (OptionValues) -> List[str]
        """One sentence for each reason why these options cannot work on this machine now.

        `twistd --check` calls it, and `carryall TYPE` before it starts; ports are tried separately,
        from `endpoints`.
        """
        return self.options.problems(options)

    def started_by_hand(self, options):
        # type: (OptionValues) -> List[str]
        """Adapts options that were not given, for a server in the foreground without a tap; returns
        lines for the person that started it.
        """
        return []

    def saved(self, options):
        # type: (OptionValues) -> List[str]
        """Completes options that are about to be saved in a tap; returns lines for the person that
        makes it.
        """
        return []

    def watched_folder(self, options):
        # type: (OptionValues) -> Optional[str]
        """The folder in which a change of a Python file starts a server in the foreground again;
        None for none.
        """
        return None

    def endpoints(self, options):
        # type: (OptionValues) -> List[str]
        """The endpoint texts where the service will listen, for `twistd --check` to try."""
        return self.options.endpoints(options)


class ServerType(ServiceType):
    """A type whose service takes its options alone, and listens where a group of them says.

    Attributes:
        service: the class of the service.
        listening: ListeningOptions of the schema.
    """

    service = None      # type: Any
    listening = None    # type: Any

    def make(self, options):
        """A stopped service."""
        return self.service(options)

    def endpoints(self, options):
        return [endpoint.text() for endpoint in self.listened(options)]

    def listened(self, options):
        # type: (OptionValues) -> List[Any]
        """The Endpoints where the service will listen."""
        return self.listening.endpoints(options)


class Registry(object):
    """Finds service types by name.

    Args:     table:   rows (name, module, summary).
              path:    folders with plug-ins; ``sys.path`` if left out.
              environ: the variables of the process if left out.
              former:  rows (another name that people look for, the type that does its work).
              missing: names in Twisted 0.19 or 1.2 that no type has yet.
    """

    def __init__(self, table=None, path=None, environ=None, former=(), missing=()):
        # type: (Any, Optional[Sequence[str]], Optional[Dict[str, str]], Any, Any) -> None
        if table is None:
            table = former_table('Registry() without a table')
        self._former = dict(former)
        self._missing = tuple(missing)
        self._rows = dict((name, (module, summary)) for name, module, summary in table)
        self._path = path
        self._environ = environ
        self._loaded = {}           # type: Dict[str, ServiceType]
        self._scanned = False

    def add(self, service_type):
        # type: (ServiceType) -> None
        """Adds a type object, of a test or a script."""
        _name_options(service_type)
        self._loaded[service_type.name] = service_type

    def rows(self):
        # type: () -> List[Tuple[str, str]]
        """(name, summary) of every type, by name; imports none of them."""
        self._scan()
        known = dict((name, row[1]) for name, row in self._rows.items())
        known.update((name, found.summary) for name, found in self._loaded.items())
        return sorted(known.items())

    def get(self, name):
        # type: (str) -> ServiceType
        """The type of that name; UnknownType with the list of names if it is unknown."""
        found = self._loaded.get(name)
        if found is not None:
            return found
        if name not in self._rows:
            self._scan()
        if name not in self._rows:
            raise self._unknown(name)
        found = _load(name, self._rows[name][0])
        _name_options(found)
        self._loaded[name] = found
        return found

    def _unknown(self, name):
        # type: (str) -> UnknownType
        """The error that leads to a known name, or lists all of them."""
        sentence = u'there is no service type "%s"' % name
        if name in self._former:
            hint = u', but "%s" does its work' % self._former[name]
            return UnknownType(u'%s%s ("carryall help %s" tells how)'
                               % (sentence, hint, self._former[name]), hint)
        names = [row[0] for row in self.rows()]
        if name in self._missing:
            return UnknownType(u'%s yet; there are: %s' % (sentence, u', '.join(names)))
        hint = nearest(name, names)
        if hint:
            return UnknownType(u'%s%s ("carryall types" lists them)' % (sentence, hint), hint)
        return UnknownType(u'%s; there are: %s' % (sentence, u', '.join(names)))

    def _scan(self):
        # type: () -> None
        if self._scanned:
            return
        self._scanned = True
        path = sys.path if self._path is None else self._path
        environ = os.environ if self._environ is None else self._environ
        extra = [part for part in environ.get('CARRYALL_TYPES', '').split(os.pathsep) if part]
        count = 0
        for name, module, summary in _plugins(path, extra):
            count += 1
            if count > MAX_PLUGINS:
                break
            self._rows.setdefault(name, (module, summary))


def _name_options(kind):
    # type: (ServiceType) -> None
    """Lets errors about option values name the type whose options they are."""
    if kind.options is not None and not kind.options.name:
        kind.options.name = kind.name


def _load(name, module_path):
    # type: (str, str) -> ServiceType
    """Imports a type's module and takes its TYPE."""
    try:
        module = __import__(module_path, None, None, ['TYPE'])
    except ImportError as exc:
        raise CarryallError('service type %s cannot be used here: %s (module %s)'
                            % (name, exc, module_path))
    found = getattr(module, 'TYPE', None)
    if not isinstance(found, ServiceType) or found.name != name:
        raise CarryallError('module %s does not define the service type %s' % (module_path, name))
    return found


def _plugins(path, extra):
    # type: (Sequence[str], Sequence[str]) -> Iterator[Tuple[str, str, str]]
    """Rows of the entry points and drop-in files in these folders.

    The metadata folders are read here, not by importlib.metadata.  That is missing on Jython and
    2.7, and takes a tenth of a second to import.
    """
    for folder in list(path) + list(extra):
        try:
            entries = sorted(os.listdir(folder or os.curdir))
        except OSError:             # a zip file, or a missing folder
            continue
        for entry in entries:
            full = os.path.join(folder, entry)
            if entry.endswith(('.dist-info', '.egg-info')):
                for row in _entry_points(_read(os.path.join(full, 'entry_points.txt'))):
                    yield row
            elif entry.endswith(DROP_IN):
                for row in _drop_in(_read(full)):
                    yield row


def _read(path):
    # type: (str) -> List[str]
    """Lines of a small text file; none if it cannot be read."""
    try:
        data = read_plain(path, MAX_PLUGIN_FILE + 1)
    except (IOError, OSError):      # py2: IOError is not an OSError
        return []
    if len(data) > MAX_PLUGIN_FILE:
        return []
    return [str(line.strip()) for line in data.decode('latin-1').splitlines() if _ascii(line)]


def _ascii(line):
    # type: (str) -> bool
    return all(u' ' <= char <= u'~' or char == u'\t' for char in line)


def _entry_points(lines):
    # type: (Sequence[str]) -> Iterator[Tuple[str, str, str]]
    inside = False
    for line in lines:
        if line.startswith('['):
            inside = line == '[%s]' % GROUP
        elif inside and '=' in line and not line.startswith(('#', ';')):
            name, module = [part.strip() for part in line.split('=', 1)]
            module = module.split(':')[0].split('[')[0].strip()
            if NAME.match(name) and MODULE.match(module):
                yield name, module, 'from %s' % module


def _drop_in(lines):
    # type: (Sequence[str]) -> Iterator[Tuple[str, str, str]]
    for line in lines:
        parts = line.split(None, 2)
        if len(parts) >= 2 and NAME.match(parts[0]) and MODULE.match(parts[1]):
            yield parts[0], parts[1], parts[2] if len(parts) == 3 else 'from %s' % parts[1]
