# Copyright the carryall authors.  See LICENSE.
"""The Application: the services that a process runs, their options, and the user to run as.

A tap holds one.

    application = Application(u'web')
    application.add('web', ['--path', 'static', '--port', '8000'])
    save(application, 'web.tap', files)             # files: carryall.runtimes.host.systemfiles
    # a core.service.Service, to be started with a loop
    service = load('web.tap').make(Registry())

An Application is configuration alone: no sockets, no state of a running server.  It holds of each
service the name of its type, the version of its options, and their values.

Tests:    tests/app/test_application.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import int_types, native, text_type
from carryall.core.errors import UsageError
from carryall.core.logs import escape, get_logger
from carryall.core.patterns import Pattern
from carryall.app.optionvalues import plain
from carryall.app.servicetypes import Registry
from carryall.app.tapcodec import TapClass, TapClasses, TapError
from carryall.app.tapfile import load_tap, pack, save_tap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues
    from carryall.app.service import Service

__all__ = ['Application', 'CLASSES', 'ServiceConfig', 'dump', 'load', 'save', 'to_bytes']

# -- limits ------------------------------------------------------------------
MAX_SERVICES = 1000         # in one application
MAX_ID = 2 ** 32 - 2        # uid and gid; the next number means "none" to the system
MAX_LINE = 2000             # characters of one value in a dump

_NAME = Pattern(u'[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\\Z')

log = get_logger('tap')


class ServiceConfig(object):
    """One service of an application: its type's name, the version of its options, their values,
    its own name.

    Attributes:
        values: the plain dict of option values that the tap holds;
                ``options`` makes an object of it.
    """

    def __init__(self, name, type_name, version, values):
        # type: (str, str, int, Dict[str, Any]) -> None
        self.name = text_type(name)
        self.type = text_type(type_name)
        self.version = version
        self.values = values

    def make(self, registry):
        # type: (Registry) -> Service
        """A new service of this configuration."""
        service = registry.get(native(self.type)).make(self.options(registry))
        service.name = native(self.name)
        return service

    def options(self, registry):
        # type: (Registry) -> OptionValues
        """The values as the object that the type works with; UsageError if they are not right."""
        return registry.get(native(self.type)).options.complete(self.values)

    def renew(self, registry):
        # type: (Registry) -> None
        """Upgrades the options to the type's present version and checks them; TapError or
        UsageError if that is impossible."""
        kind = registry.get(native(self.type))
        if self.version > kind.version:
            raise TapError(u'the tap comes from a newer carryall: service %s has options of '
                           u'version %d, and this one knows'
                           u' version %d' % (self.name, self.version, kind.version))
        values = self.values
        if self.version < kind.version:
            values = kind.upgrade(dict(values), self.version)
            log.info('upgraded the options of service %s (type %s) from version %d to version %d',
                     self.name, self.type, self.version, kind.version)
            self.version = kind.version
        try:
            self.values = plain(kind.options.complete(values))
        except UsageError as exc:
            raise UsageError(u'service %s: %s' % (self.name, exc.message))

    def check(self):
        # type: () -> None
        """Raises TapError unless every part is of its right type."""
        if not (_is_name(self.name) and _is_name(self.type) and _is_number(self.version, 1, 2 ** 31)
                and isinstance(self.values, dict)
                and all(isinstance(key, text_type) for key in self.values)):
            raise TapError(u'the tap holds a malformed service')


class Application(object):
    """Services that one process runs.

    Args:     name:     of the application; `NAME.tap` holds it.
              uid, gid: numbers of the user and group to run as; None: those of the process.
    """

    def __init__(self, name, uid=None, gid=None):
        # type: (str, Optional[int], Optional[int]) -> None
        self.name = text_type(name)
        self.uid = uid
        self.gid = gid
        self.services = []      # type: List[ServiceConfig]
        if not _is_name(self.name):
            raise UsageError(u'"%s" cannot name an application: letters, digits, "_", "." and "-" '
                             u'can, 64 at most'
                             % self.name)

    def add(self, type_name, words=(), registry=None, name=None):
        # type: (str, Sequence[Any], Optional[Registry], Optional[str]) -> ServiceConfig
        """Adds a service with options as on the command line; its name is that of its type, with a
        number if that is taken."""
        registry = registry or Registry()
        kind = registry.get(type_name)
        return self.add_values(kind.name, kind.options.parse(words), registry, name)

    def add_values(self, type_name, values, registry, name=None):
        # type: (str, Any, Registry, Optional[str]) -> ServiceConfig
        """Adds a service with these option values, an object or the dict of a tap."""
        kind = registry.get(type_name)
        if len(self.services) >= MAX_SERVICES:
            raise UsageError(u'an application has at most %d services' % MAX_SERVICES)
        service = ServiceConfig(name or self._free_name(kind.name), kind.name, kind.version,
                                plain(values))
        self.services.append(service)
        return service

    def _free_name(self, wanted):
        # type: (str) -> str
        taken = set(service.name for service in self.services)
        name = text_type(wanted)
        number = 1
        while name in taken:
            number += 1
            name = u'%s-%d' % (wanted, number)
        return name

    def make(self, registry):
        # type: (Registry) -> Service
        """A new tree of services, to be started with a loop."""
        from carryall.app.service import MultiService
        return MultiService(native(self.name), [config.make(registry) for config in self.services])

    def problems(self, registry):
        # type: (Registry) -> List[str]
        """One sentence for each obstacle to running it on this machine now, except ports."""
        return [u'%s: %s' % (service.name, problem) for service in self.services
                for problem in registry.get(native(service.type)).check(service.options(registry))]

    def endpoints(self, registry):
        # type: (Registry) -> List[tuple]
        """(name of the service, text of the endpoint) of all endpoints."""
        return [(service.name, endpoint) for service in self.services
                for endpoint in registry.get(native(service.type)).endpoints(
                    service.options(registry))]

    def check(self):
        # type: () -> None
        """Raises TapError unless every part is of its right type."""
        good = (_is_name(self.name) and isinstance(self.services, list)
                and len(self.services) <= MAX_SERVICES
                and all(isinstance(service, ServiceConfig) for service in self.services)
                and all(number is None or _is_number(number, 0, MAX_ID)
                        for number in (self.uid, self.gid)))
        if not good:
            raise TapError(u'the tap holds a malformed application')
        for service in self.services:
            service.check()
        names = [service.name for service in self.services]
        if len(set(names)) != len(names):
            raise TapError(u'the tap holds two services of one name')


CLASSES = TapClasses([
    TapClass('application', Application, ['name', 'uid', 'gid', 'services']),
    TapClass('service', ServiceConfig, ['name', 'type', 'version', 'values']),
])


def to_bytes(application, key=None):
    # type: (Application, Optional[bytes]) -> bytes
    """The bytes of its tap."""
    return pack(application, CLASSES, key)


def save(application, path, files, key=None, compress=False, backups=1):
    # type: (Application, str, Any, Optional[bytes], bool, int) -> None
    """Saves it as a tap, atomically; up to `backups` former versions stay as PATH.1 and so on."""
    save_tap(path, application, files, CLASSES, key, compress, backups)


def load(path, registry=None, key=None):
    # type: (str, Optional[Registry], Optional[bytes]) -> Application
    """The application in a tap, with its options checked and upgraded.

    Raises:   TapError, UnknownType, UsageError: it cannot be run by this carryall, with the reason.
    """
    application = load_tap(path, CLASSES, key)
    if not isinstance(application, Application):
        raise TapError(u'the tap holds no application')
    application.check()
    registry = registry or Registry()
    for service in application.services:
        service.renew(registry)
    return application


def dump(application, registry):
    # type: (Application, Registry) -> str
    """A readable text of it, ending in a newline; the last line of each service is the command that
    makes it."""
    lines = [u'application %s' % application.name]
    if application.uid is not None or application.gid is not None:
        lines.append(u'  runs as uid %s, gid %s' % (_shown(application.uid),
                                                    _shown(application.gid)))
    for service in application.services:
        kind = registry.get(native(service.type))
        lines.append(u'  service %s: type %s, version %d' % (service.name, service.type,
                                                             service.version))
        for key in sorted(service.values):
            lines.append(u'    %s = %s' % (key, _shown(service.values[key])))
        words = [_quoted(word) for word in kind.options.words(service.values)]
        lines.append(u'    made by: mktap %s' % u' '.join([service.type] + words))
    return u'\n'.join(lines) + u'\n'


def _is_name(value):
    # type: (Any) -> bool
    return isinstance(value, text_type) and bool(_NAME.match(value))


def _is_number(value, minimum, maximum):
    # type: (Any, int, int) -> bool
    return isinstance(value, int_types) and not isinstance(value, bool) \
        and minimum <= value <= maximum


def _shown(value):
    # type: (Any) -> str
    """A value as text for a person, the same on every runtime."""
    if value is None:
        return u'-'
    if isinstance(value, bool):
        return u'yes' if value else u'no'
    if isinstance(value, list):
        return u', '.join(_shown(part) for part in value) or u'-'
    if isinstance(value, tuple):
        return u'='.join(_shown(part) for part in value)
    if isinstance(value, dict):
        return u'; '.join(u'%s = %s' % (key, _shown(value[key])) for key in sorted(value)) or u'-'
    text = escape(value) if isinstance(value, (bytes, text_type)) else text_type(
        repr(value).rstrip('L'))
    return text if len(text) <= MAX_LINE else text[:MAX_LINE] + u'...'


def _quoted(word):
    # type: (str) -> str
    """A word as a POSIX shell reads it."""
    if re.match(u'[A-Za-z0-9_@%+=:,./-]+\\Z', word):
        return word
    return u"'%s'" % escape(word).replace(u"'", u"'\\''")
