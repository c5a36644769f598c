# Copyright the carryall authors.  See LICENSE.
"""CGI programs of the web server: files with ``.cgi``, and all in ``cgi-bin`` (feature WEB-05, RFC
3875).

The status of each failure:

    500     the program is not executable, or cannot be started
    502     its answer has no header, half of one or a malformed one; a signal ended it before that
    503     too many programs run, in all or for this client
    504     no header came in time
    507     the disk is full, and a body of unknown length must be collected

A failure behind the header cuts the connection, so that the client does not take the answer for
complete.  Each has one line in the log, with the request's identifier.

Tests:    tests/services/cgi/test_cgiprograms.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.options import Option
from carryall.app.optiontypes import Integer, Text
from carryall.core.files import octetpaths
from carryall.core.logs import get_logger
from carryall.protocols.cgi import Settings, search_words
from carryall.protocols.http import plain_response
from carryall.services.cgi.environment import Environment, native_word, split_variable
from carryall.services.cgi.programgateway import Gateway
from carryall.services.cgi.programrun import ProgramRun

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'ProgramStarter', 'SUFFIXES', 'check',
           'describe', 'make', 'passed_of', 'places_of', 'settings_of', 'suffixes']

NAME = 'CGI'
SUFFIXES = (b'.cgi',)
FOLDER = b'cgi-bin'

# -- limits ------------------------------------------------------------------
MAX_PROGRAMS = 10000
MAX_SECONDS = 7 * 86400
MAX_OUTPUT = 1 << 50

log = get_logger('cgi')


class Variable(Text):
    """``NAME=VALUE``, or ``NAME``."""

    metavar = 'NAME=VALUE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 4096)

    def check(self, value):
        Text.check(self, value)
        split_variable(value)


GROUP = 'programs'
OPTIONS = [
    Option('program-env', Variable(), repeat=True, secret=True, group=GROUP,
           help='variable of the environment of programs, beside those of the request; NAME alone '
                'has the value that it has here'),
    Option('max-programs', Integer(1, MAX_PROGRAMS), default='64', group=GROUP,
           help='programs that run at the same time, half of them for one client; more are '
                'answered with 503'),
    Option('program-seconds', Integer(1, MAX_SECONDS, 'seconds'), default='3600', group=GROUP,
           help='time that a program has for the whole answer; then it is ended'),
    Option('program-idle', Integer(1, MAX_SECONDS, 'seconds'), default='60', group=GROUP,
           help='time that a program may be silent, and take for the header; then 504'),
    Option('program-output', Integer(0, MAX_OUTPUT, 'octets'), default='0', group=GROUP,
           help='octets of the longest answer of a program; 0: no limit'),
]


def check(options):
    # type: (OptionValues) -> None
    """Does nothing: no values of these options contradict each other."""


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffix of a CGI program."""
    return SUFFIXES


def describe(options):
    # type: (OptionValues) -> str
    """The words of the first line."""
    return u'CGI'


def make(options, loop):
    # type: (OptionValues, Any) -> ProgramStarter
    """The handler of CGI programs."""
    return ProgramStarter(loop, settings_of(options), places_of(options), passed_of(options))


def places_of(options):
    # type: (OptionValues) -> int
    """How many programs may run at the same time."""
    return options.max_programs     # type: ignore


def passed_of(options):
    # type: (OptionValues) -> List[str]
    """The variables for all programs, as `environment` takes them."""
    return options.program_env      # type: ignore


def settings_of(options):
    # type: (OptionValues) -> Settings
    """The limits on what a program may say."""
    return Settings(head_seconds=float(options.program_idle),
                    idle_seconds=float(options.program_idle),
                    wall_seconds=float(options.program_seconds),
                    output_bytes=options.program_output)


class ProgramStarter(Gateway):
    """Starts a program for each request.

    Args:     loop: the loop.
              settings: a Settings of CGI.
              programs: that run at the same time.
              passed: variables for all of them, as ``environment`` takes them.
    """

    remembers = True

    def __init__(self, loop, settings, programs, passed=()):
        # type: (Any, Settings, int, Sequence[str]) -> None
        Gateway.__init__(self, loop, programs)
        self._loop = loop
        self._settings = settings
        self._environment = Environment(passed)

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of a program."""
        if script.kept is None and not octetpaths.system.access(script.path, os.X_OK):
            log.error('%s is not executable', script.path.decode('utf-8', 'replace'))
            return plain_response(500)
        words = [native_word(script.path)] + [native_word(word) for word in search_words(request)]
        return self.run(request, script, words)

    def run(self, request, script, words, more=()):
        # type: (Any, Any, List[Any], Sequence[Tuple[bytes, bytes]]) -> Any
        """The answer of the program that *words* start.

        Args:     more: variables beside those of the request.
        """
        def begin(variables, body, label, over):
            # type: (Dict[bytes, bytes], Any, Any, Any) -> ProgramRun
            run = ProgramRun(self._loop, self._settings, request.method, body, label, over)
            folder = native_word(os.path.dirname(script.path))
            run.start(words, folder, self._environment.of(variables))
            return run

        return self.answer(request, script, begin, more)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues
