# Copyright the carryall authors.  See LICENSE.
"""`carryall test-server`: servers for the tests of another process, controlled by lines of JSON.

Two questions and their answers::

    {"id": 1, "do": "begin", "kind": "mail", "options": {}, "folder": "/home/ann"}
    {"id": 1, "value": [1, [["smtp", "127.0.0.1", 40025], ["pop3", "127.0.0.1", 40110]]]}
    {"id": 2, "do": "call", "number": 1, "name": "wait", "options": {"count": 2, "seconds": 5.0}}
    {"id": 2, "value": 2}

Questions come on stdin, answers go to stdout, in the order in which they are ready; octets are
``{"octets": base64}``.  Further words of ``do`` are restart, stop and end.  The program ends when
stdin does: when the process that asks is gone, however it went.

Tests:    tests/commands/test_testserver.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall import runtimes
from carryall.app.options import HelpRequested, Option, Schema
from carryall.app.optiontypes import Text
from carryall.commands.catalogue import KINDS, known_types
from carryall.commands.console import Warnings, show_help
from carryall.core.codec.jsonvalues import dump_line, parse_line
from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import CarryallError, RemoteProtocolError, Unsupported, UsageError
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.runtimes.host.keyboard import Keyboard
from carryall.runtimes.host.stdout import octets_of
from carryall.services.testservers import ServerSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence

__all__ = ['SCHEMA', 'SUMMARY', 'main']

MAX_LINE = 256 << 20        # octets of one question

SUMMARY = (u'Runs servers for the tests of another program, which asks on stdin and hears on '
           u'stdout, in lines of JSON. It ends when stdin does.')
SCHEMA = Schema([
    Option('backend', Text(1, 30, 'NAME'), help='the loop to run on; "carryall runtimes" lists '
                                                'them'),
], examples=[
    ('carryall test-server', 'as the test fixtures of carryall start it')])

# What an answer calls a fault.
FAULTS = ((UsageError, u'usage'), (Unsupported, u'unsupported'), (CarryallError, u'failed'))

log = get_logger('testserver')


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall test-server', SCHEMA, SUMMARY)
    backend = options.backend
    with Warnings(u'carryall test-server'):
        loop = runtimes.choose(backend and native(backend))
        try:
            _Control(loop).run()
        finally:
            loop.close()
    return 0


class _Control(object):
    """Reads questions and writes answers."""

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        self._servers = ServerSet(loop, known_types(), KINDS)
        self._keyboard = Keyboard()
        self._output = octets_of(sys.stdout)
        self._line = b''
        self._ending = False
        self._questions = {'begin': self._begin, 'restart': self._restart, 'stop': self._stop,
                           'end': self._end, 'call': self._call}

    def run(self):
        # type: () -> None
        """Serves until stdin ends or the system says so."""
        # Ctrl-C is meant for the program that asks; when that ends, so does this.
        for name, action in (('INT', self._ignore), ('HUP', self._ignore), ('TERM', self._close)):
            try:
                self._loop.add_signal_handler(name, action)
            except (Unsupported, ValueError) as exc:        # Windows has no HUP
                log.debug('signal %s: %s', name, exc)
        self._loop.call_soon(self._read)
        self._loop.run()

    def _ignore(self):
        # type: () -> None
        """A signal that is not meant for this process."""

    # -- stdin ---------------------------------------------------------------------------------

    def _read(self):
        # type: () -> None
        self._loop.run_in_thread(self._keyboard.read).add_done_callback(self._came)

    def _came(self, future):
        # type: (Any) -> None
        data = b'' if future.exception() is not None else future.result()
        if not data:
            self._close()
            return
        self._line += data
        if len(self._line) > MAX_LINE:
            log.error('a question is longer than %d octets', MAX_LINE)
            self._close()
            return
        lines = self._line.split(b'\n')
        self._line = lines.pop()
        for line in lines:
            self._obey(line)
        if not self._ending:
            self._read()

    def _close(self):
        # type: () -> None
        if self._ending:
            return
        self._ending = True
        self._servers.close().add_done_callback(lambda _: self._loop.stop())

    # -- questions -----------------------------------------------------------------------------

    def _obey(self, line):
        # type: (bytes) -> None
        number = None
        try:
            question = parse_line(line)
            number = question.get('id')
            ask = self._questions.get(question.get('do'))
            if ask is None:
                raise UsageError(u'a question is one of %s' % u', '.join(sorted(self._questions)))
            future = as_future(ask(question))
        except RemoteProtocolError as exc:
            self._tell_fault(number, UsageError(u'%s' % (exc,)))
            return
        except FAILURES as exc:
            self._tell_fault(number, exc)
            return
        future.add_done_callback(lambda done: self._answer(number, done))

    def _answer(self, number, future):
        # type: (Any, Any) -> None
        exc = future.exception()
        if exc is not None:
            self._tell_fault(number, exc)
            return
        try:
            line = dump_line({'id': number, 'value': future.result()})
        except TypeError as error:
            self._tell_fault(number, error)
            return
        self._write(line)

    def _tell_fault(self, number, exc):
        # type: (Any, Any) -> None
        kind = next((name for cls, name in FAULTS if isinstance(exc, cls)), u'error')
        if kind == u'error':
            log.error('a question could not be answered: %r', exc)
        text = getattr(exc, 'message', None) or '%s: %s' % (type(exc).__name__, exc)
        text = to_bytes(text).decode('utf-8', 'replace')
        self._write(dump_line({'id': number, 'fault': {'kind': kind, 'text': text}}))

    def _write(self, line):
        # type: (bytes) -> None
        try:
            self._output.write(line)
            self._output.flush()
        except (IOError, OSError):      # the asking process is gone
            self._close()

    def _begin(self, question):
        # type: (Dict[str, Any]) -> Any
        options = _named(question)
        if question.get('folder') is not None:
            os.chdir(question['folder'])
        return self._servers.begin(native(question['kind']), options)

    def _restart(self, question):
        # type: (Dict[str, Any]) -> Any
        return self._servers.restart(question['number'], _named(question))

    def _stop(self, question):
        # type: (Dict[str, Any]) -> Any
        return self._servers.stop(question['number'])

    def _end(self, question):
        # type: (Dict[str, Any]) -> Any
        return self._servers.end(question['number'])

    def _call(self, question):
        # type: (Dict[str, Any]) -> Any
        return self._servers.call(question['number'], native(question['name']), _named(question))


def _named(question):
    # type: (Dict[str, Any]) -> Dict[str, Any]
    return dict((native(name), value) for name, value in (question.get('options') or {}).items())
