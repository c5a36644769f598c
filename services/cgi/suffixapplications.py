# Copyright the carryall authors.  See LICENSE.
"""Applications behind the web server that answer for the files of a suffix: the option, the kind of
programs, and the gateway.

FastCGI, SCGI and uwsgi have this in common.

Tests:    tests/services/cgi/suffixtests.py, tests/services/fastcgi/test_phpprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import parse_endpoint
from carryall.app.options import Option
from carryall.app.optiontypes import Endpoint, Pair, Text
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.patterns import Pattern
from carryall.services.cgi.applicationpool import Pool
from carryall.services.cgi.cgiprograms import GROUP, places_of, settings_of
from carryall.services.cgi.programgateway import Gateway
from carryall.services.web.requestpaths import suffix_of

__all__ = ['ApplicationGateway', 'Suffix', 'ProgramsBySuffix', 'SuffixKind', 'check_suffixes']

SUFFIX = Pattern(r'\.[a-z0-9]{1,15}\Z')


class Suffix(Text):
    """The suffix of programs: ``.php``."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 2, 16, 'SUFFIX')

    def check(self, value):
        Text.check(self, value)
        if not SUFFIX.match(value):
            raise UsageError(u'"%s" is not a suffix such as .php' % value)


def check_suffixes(runs, name, pairs):
    # type: (bool, str, List[Tuple[str, str]]) -> None
    """Raises UsageError for a suffix with two applications, or for one that would not be used.

    Args:     runs: true if programs run at all.
              name: of the option.
              pairs: (suffix, endpoint), its values.
    """
    if pairs and not runs:
        raise UsageError(u'--%s needs programs, which --no-programs switches off' % name)
    names = [suffix for suffix, _ in pairs]
    for each in names:
        if names.count(each) > 1:
            raise UsageError(u'two applications for %s' % each)


class ApplicationGateway(Gateway):
    """Asks an application.

    Args:     loop: the loop.
              endpoint: of the application, as text.
              settings: a Settings of CGI.
              programs: requests at the same time.
              connect: of the protocol.
              keeps: false if a connection is for one request.
              more: called with the script; variables beside those of CGI.
    """

    def __init__(self, loop, endpoint, settings, programs, connect, keeps=True, more=None):
        # type: (Any, str, Any, int, Any, bool, Any) -> None
        Gateway.__init__(self, loop, programs)
        self._pool = Pool(loop, parse_endpoint(endpoint, ('tcp', 'unix')), settings, connect, keeps)
        self._more = more

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of the application."""
        more = ()                   # type: Any
        if self._more is not None and script.kept is None:
            more = self._more(script)
        return self.answer(request, script, self._pool.run, more)

    def close(self):
        # type: () -> None
        """Ends all requests, and closes the connections."""
        Gateway.close(self)
        self._pool.close()


class ProgramsBySuffix(object):
    """Passes each file to what runs its suffix."""

    remembers = True

    def __init__(self, handlers):
        # type: (Dict[bytes, Any]) -> None
        self._handlers = handlers

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer."""
        return self._handlers[suffix_of(script.path)](request, script)

    def close(self):
        # type: () -> None
        """Ends all that runs."""
        for handler in set(self._handlers.values()):
            handler.close()


class SuffixKind(object):
    """The names of a kind of programs (services/web/programs.py), for one protocol.

    Args:     name: of the option.
              spelled: the protocol, for readers.
              connect: of the protocol, whose connections are for one request.
    """

    def __init__(self, name, spelled, connect):
        # type: (str, str, Any) -> None
        self._name = name
        self._spelled = spelled
        self._connect = connect
        self.options = [
            Option(name, Pair(Suffix(), Endpoint(('tcp', 'unix'))), repeat=True, group=GROUP,
                   help='application that answers for the files of a suffix by %s: '
                        '.app=unix:/run/app.sock' % spelled)]

    def _pairs(self, options):
        # type: (OptionValues) -> List[Tuple[str, str]]
        return getattr(options, self._name)         # type: ignore

    def check(self, options, runs):
        # type: (OptionValues, bool) -> None
        """Raises UsageError for options that contradict each other; *runs* as above."""
        check_suffixes(runs, self._name, self._pairs(options))

    def suffixes(self, options):
        # type: (OptionValues) -> List[bytes]
        """The suffixes of the option."""
        return sorted(to_bytes(suffix) for suffix, _ in self._pairs(options))

    def describe(self, options):
        # type: (OptionValues) -> Optional[str]
        """The words of the first line; None without such an option."""
        places = sorted(set(place for _, place in self._pairs(options)))
        return u', '.join(u'%s at %s' % (self._spelled, place) for place in places) or None

    def make(self, options, loop):
        # type: (OptionValues, Any) -> ProgramsBySuffix
        """The handler of the files."""
        settings = settings_of(options)
        gateways = {}               # type: Dict[str, ApplicationGateway]
        handlers = {}               # type: Dict[bytes, Any]
        for suffix, place in self._pairs(options):
            if place not in gateways:
                gateways[place] = ApplicationGateway(loop, place, settings, places_of(options),
                                                     self._connect, keeps=False)
            handlers[to_bytes(suffix)] = gateways[place]
        return ProgramsBySuffix(handlers)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
