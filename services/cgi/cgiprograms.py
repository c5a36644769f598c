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
from binascii import hexlify

from carryall import __version__
from carryall.app.options import Option
from carryall.app.optiontypes import Integer, Text
from carryall.core.allowance import Allowance
from carryall.core.compat import native, to_bytes
from carryall.core.files import octetpaths
from carryall.core.future import as_future, failed
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of
from carryall.protocols.cgi import (CGIError, Redirect, Settings, meta_variables, search_words)
from carryall.protocols.http import plain_response
from carryall.services.cgi.bodyspool import collect
from carryall.services.cgi.environment import environment, native_word, split_variable
from carryall.services.cgi.localredirect import redirected
from carryall.services.cgi.programrun import ProgramRun

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'ProgramStarter', 'SOFTWARE', 'SUFFIXES', 'check',
           'describe', 'make', 'settings_of', 'suffixes']

NAME = 'CGI'
SUFFIXES = (b'.cgi',)
FOLDER = b'cgi-bin'
SOFTWARE = to_bytes('carryall/%s' % __version__)

# -- limits ------------------------------------------------------------------
MAX_PROGRAMS = 10000
MAX_SECONDS = 7 * 86400
MAX_OUTPUT = 1 << 50
RETRY_SECONDS = b'10'       # told with 503

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
    Option('program-env', Variable(), repeat=True, group=GROUP,
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
    return ProgramStarter(loop, settings_of(options), options.max_programs, options.program_env)


def settings_of(options):
    # type: (OptionValues) -> Settings
    """The limits on what a program may say."""
    return Settings(head_seconds=float(options.program_idle),
                    idle_seconds=float(options.program_idle),
                    wall_seconds=float(options.program_seconds),
                    output_bytes=options.program_output)


class ProgramStarter(object):
    """Starts a program for each request.

    Args:     loop: the loop.
              settings: a Settings of CGI.
              programs: that run at the same time.
              passed: variables for all of them, as ``environment`` takes them.
    """

    def __init__(self, loop, settings, programs, passed=()):
        # type: (Any, Settings, int, Sequence[str]) -> None
        self.loop = loop
        self._settings = settings
        self._passed = passed
        # One alone has half of them, and of one place that would be none.
        self._places = Allowance(max(2, programs))
        self._runs = set()          # type: Set[ProgramRun]

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The answer of a program."""
        if not octetpaths.system.access(script.path, os.X_OK):
            log.error('%s is not executable', script.path.decode('utf-8', 'replace'))
            return plain_response(500)
        words = [native_word(script.path)] + [native_word(word) for word in search_words(request)]
        return self.answer(request, script, words)

    def answer(self, request, script, words, more=()):
        # type: (Any, Any, List[Any], Sequence[Tuple[bytes, bytes]]) -> Any
        """The answer of the program that *words* start.

        Args:     more: variables beside those of the request.
        """
        peer = request.peer
        # All that come by Unix sockets are one source.
        source = None if peer is None or peer.port is None else source_of(peer.host)
        if not self._places.take(source, 1):
            log.warning('%d programs run: one more is refused', self._places.held)
            return plain_response(503, [(b'Retry-After', RETRY_SECONDS)])
        if request.length >= 0:
            started = self._start(request, script, words, more, source,
                                  request.body if request.length else None, None)
        else:
            started = collect(request.body).then(
                lambda spool: self._start(request, script, words, more, source, spool,
                                          spool.length),
                lambda exc: self._not_collected(source, exc))
        return started.then(lambda answer: self._followed(request, script, answer))

    def _not_collected(self, source, error):
        # type: (Any, BaseException) -> Any
        self._places.give(source, 1)
        return failed(error)

    def _start(self, request, script, words, more, source, body, length):
        # type: (Any, Any, List[Any], Any, Any, Any, Optional[int]) -> Any
        identifier = hexlify(os.urandom(8))
        variables = meta_variables(request, script, SOFTWARE) + list(more)
        variables.append((b'UNIQUE_ID', identifier))
        if length is not None:
            variables.append((b'CONTENT_LENGTH', b'%d' % length))
        label = '%s %s %s' % (native(identifier), native(request.method),
                              script.name.decode('utf-8', 'replace'))

        def over(run):
            # type: (ProgramRun) -> None
            self._runs.discard(run)
            self._places.give(source, 1)

        run = ProgramRun(self.loop, self._settings, request.method, body, label, over)
        self._runs.add(run)
        folder = os.path.dirname(script.path)
        return run.start(words, native_word(folder), environment(variables, self._passed))

    @staticmethod
    def _followed(request, script, answer):
        # type: (Any, Any, Any) -> Any
        """The answer, or that of the page that a local redirect leads to."""
        if not isinstance(answer, Redirect):
            return answer
        try:
            other = redirected(request, answer.location)
        except CGIError as exc:
            log.error('%s: %s', script.name.decode('utf-8', 'replace'), exc)
            raise
        return as_future(script.site(other))

    def close(self):
        # type: () -> None
        """Ends all programs that run."""
        for run in list(self._runs):
            run.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Set, Tuple
    from carryall.app.optionvalues import OptionValues
