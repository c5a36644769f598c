# Copyright the carryall authors.  See LICENSE.
"""Any type of service as a server for tests, with the words of its command line.

The system chooses its ports unless the words name some.  Relative paths are the caller's.  A
missing path is reported before the start.

Tests:    tests/services/testservers/test_typeserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import parse_endpoint
from carryall.core.compat import native, text_type
from carryall.core.errors import UsageError
from carryall.core.wrap.faultrules import FaultyLoop
from carryall.services.testservers.controlled import ControlledService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
    from carryall.app.servicetypes import ServiceType

__all__ = ['TypeServer', 'make', 'parse_words', 'word_of']

# Options that are places to listen even if they are not given.
PLACES = ('port', 'smtp', 'pop3')


def parse_words(kind, words):
    # type: (ServiceType, Sequence[Any]) -> Any
    """The options of *words*, text or paths, on free ports unless they name some.

    Raises:   UsageError: the words are wrong, or what they name is missing.
    """
    words = [word_of(word) for word in words]
    options = kind.options.parse(words)
    for option in kind.options.options:
        if _is_place(option) and not _is_given(option, words):
            _free_port(options, option)
    problems = kind.check(options)
    if problems:
        raise UsageError(problems[0])
    return options


def word_of(word):
    # type: (Any) -> str
    """A word of a command line as text; a path object is one too."""
    if not isinstance(word, (bytes, text_type)):
        word = word.__fspath__() if hasattr(word, '__fspath__') else str(word)
    return word if isinstance(word, text_type) else word.decode('utf-8')


def _is_place(option):
    # type: (Any) -> bool
    """True if the option is a place to listen that has a default."""
    return option.name in PLACES and option.takes_value


def _is_given(option, words):
    # type: (Any, List[str]) -> bool
    """True if the words name the option."""
    names = [u'--' + name for name in (option.name,) + tuple(option.aliases)]
    for word in words:
        if word.partition(u'=')[0] in names:
            return True
        if option.short and word.startswith(u'-' + option.short) and not word.startswith(u'--'):
            return True
    return False


def _free_port(options, option):
    # type: (Any, Any) -> None
    value = getattr(options, option.attribute)
    if isinstance(value, list):
        setattr(options, option.attribute, [u'tcp:0'])
    elif value not in (None, u'none'):
        endpoint = parse_endpoint(value)
        endpoint.port = 0
        setattr(options, option.attribute, endpoint.text())


class TypeServer(ControlledService):
    """A service of a type.

    Options:  type: a ServiceType.
              words: of its command line; a relative path begins at the current folder.
    """

    known = {'type': None, 'words': ()}

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self._service = None        # type: Any
        self._told = []             # type: List[str]      # where it listened last
        ControlledService.__init__(self, 'type', given)

    def start(self, loop):
        kind = self.values['type']
        service = kind.make(parse_words(kind, self.values['words']))
        if self.faults is None:
            self.prepare_faults(loop)
        service.start(FaultyLoop(loop, self.faults))
        self._service = service
        self.loop = loop

    def stop(self, seconds=0.0):
        service, self._service = self._service, None
        self.loop = None
        if service is None:
            return ControlledService.stop(self, seconds)
        return service.stop(seconds)

    def listening(self):
        return [] if self._service is None else self._service.listening()

    def places(self):
        found = []
        for line in self.listening():
            name, _, rest = line.partition(u' on ')
            words = rest.split(u' ')        # such as: udp 127.0.0.1:7
            host, _, port = words[words[0] == u'udp'].rpartition(u':')
            found.append([native(name), native(host.strip(u'[]')),
                          int(port) if port.isdigit() else None])
        return found

    def listeners(self, loop):
        return []


def make(given):
    # type: (Dict[str, Any]) -> TypeServer
    """A stopped server with these options."""
    return TypeServer(dict((native(name), value) for name, value in given.items()))
