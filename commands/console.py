# Copyright the carryall authors.  See LICENSE.
"""Functions of all commands at the terminal: printing, and the end of a command.

Status:   0 success; 1 failure; 2 the user asked for something impossible; 130 Ctrl-C before
          anything was served.  One line on stderr gives the reason; never a traceback.
Tests:    tests/commands/test_console.py
"""
from __future__ import absolute_import, division, print_function

import logging
import os
import sys

from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, UnknownOption, UsageError
from carryall.core.logs import ROOT, escape, scrub
from carryall.app.tapscalars import TapError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Sequence

__all__ = ['BAD_USAGE', 'FAILED', 'INTERRUPTED', 'Warnings', 'complain', 'help_width',
           'run_command', 'say', 'show_help', 'unwritten', 'write_all']

FAILED = 1
BAD_USAGE = 2
INTERRUPTED = 130           # what a shell reports for a program that SIGINT ended

MAX_COLUMNS = 100000        # of a terminal; COLUMNS is ignored if it is more


def say(text):
    # type: (str) -> None
    """Prints a line, or lines, on stdout."""
    write_all(sys.stdout, text + u'\n')


def complain(command, text):
    # type: (str, str) -> None
    """Prints one sentence on stderr, under the command's name."""
    try:
        write_all(sys.stderr, u'%s: %s\n' % (command, escape(_text(text))))
    except CarryallError:       # there is nowhere else to say it; the status does
        pass


def help_width():
    # type: () -> int
    """The characters of a line of help: as many as the terminal has, or as COLUMNS says."""
    from carryall.app.usage import bounded_width
    from carryall.core.codec.numbers import decimal_text
    from carryall.runtimes.host.terminal import columns_of
    found = decimal_text(_text(os.environ.get('COLUMNS', u'')), MAX_COLUMNS)
    return bounded_width(found or columns_of(sys.stdout))


def show_help(asked, command, schema, summary, trailer=u'', head=None):
    # type: (Any, str, Any, str, str, Optional[str]) -> int
    """Prints the help of a command; the status, 0.

    Args:     asked:   the HelpRequested.
              command: the words that it begins with.
              trailer: as of `help_text`.
              head:    the text of its first line in place of "[options]".
    """
    # Here, as few ask.
    from carryall.app.usage import help_text
    from carryall.commands.catalogue import COMMANDS, TYPES
    name = command.partition(u' ')[2]
    server = u'carryall serve ' + name
    is_both = all(name in [row[0] for row in table] for table in (COMMANDS, TYPES))
    if is_both and server not in trailer:
        trailer = u'the server of this name: "%s --help"\n%s' % (server, trailer)
    text = help_text(command, schema, summary, trailer, asked.everything, help_width())
    if head is not None:
        text = text.replace(u'[options]' if head else u'[options] ', head, 1)
    write_all(sys.stdout, text)
    return 0


class Warnings(logging.Handler):
    """Context: warnings of the log are printed on stderr under the command's name,
    as long as there is no log.

    3.x prints such records without a name, and 2.7 complains of missing handlers.
    """

    def __init__(self, command):
        # type: (str) -> None
        logging.Handler.__init__(self, logging.WARNING)
        self._command = command

    def __enter__(self):
        # type: () -> Warnings
        logging.getLogger(ROOT).addHandler(self)
        return self

    def __exit__(self, *raised):
        # type: (*Any) -> None
        logging.getLogger(ROOT).removeHandler(self)

    def emit(self, record):
        """Prints one record, unless another handler has it too."""
        if not logging.getLogger().handlers:
            complain(self._command, scrub(_text(record.getMessage())))


def write_all(stream, text):
    # type: (Any, str) -> None
    """Writes text to a stream of any runtime; characters outside its encoding are escaped.

    Raises:   CarryallError: it cannot be written, for example to a full disk.
              IOError: the reader has closed it.
    """
    if stream is None:  # 3.x: the descriptor was closed when the process was started, as by `>&-`
        return
    # py2: print() of text to a pipe fails on the first letter that is not ASCII.
    encoding = getattr(stream, 'encoding', None) or 'utf-8'
    data = _text(text).encode(encoding, 'backslashreplace')
    try:
        if str is bytes:
            # Here, for 3.x does not need it, and starts sooner.
            from carryall.runtimes.host.stdout import octets_of
            out = octets_of(stream)
            out.write(data)
            out.flush()
        else:
            stream.write(data.decode(encoding))
            stream.flush()
    except (IOError, OSError) as exc:
        raise unwritten(stream, exc)


def unwritten(stream, exc):
    # type: (Any, Any) -> Exception
    """The error to raise for *exc*, with which writing to stdout or stderr failed;
    the stream is not used any more.

    Returns:  *exc* if the reader has closed it, which `run_command` knows; else a CarryallError.
    """
    if _is_broken_pipe(exc):
        return exc
    _silence(stream)
    return CarryallError(u'the output cannot be written: %s' % (exc.strerror or exc), exc)


def run_command(command, main, words):
    # type: (str, Callable[[Sequence[Any]], int], Sequence[Any]) -> int
    """Calls `main(words)` and turns its exceptions into a line under the command's name,
    and a status."""
    try:
        return main(words)
    except UnknownOption as exc:
        command = exc.command or command
        complain(command, u'%s (%s --help lists them)' % (exc.message, command))
        return BAD_USAGE
    except (UsageError, TapError) as exc:
        complain(getattr(exc, 'command', None) or command, exc.message)
        return BAD_USAGE
    except CarryallError as exc:
        complain(command, exc.message)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except (IOError, OSError) as exc:
        if _is_broken_pipe(exc):  # the reader of stdout has closed it: `carryall types | head -1`
            _silence(sys.stdout)
        elif _has_folder():
            raise
        else:
            complain(command, u'the folder that it was started in is not there any more')
        return FAILED


def _is_broken_pipe(exc):
    # type: (Any) -> bool
    from carryall.runtimes.host.systemfiles import is_broken_pipe
    return is_broken_pipe(exc)


def _has_folder():
    # type: () -> bool
    """True if the current folder exists: without it no relative path has a meaning."""
    try:
        os.getcwd()
    except (IOError, OSError):
        return False
    return True


def _silence(stream):
    # type: (Any) -> None
    from carryall.runtimes.host.stdout import silence    # here, for hardly ever is it wanted
    silence(stream)


def _text(text):
    # type: (Any) -> str
    if isinstance(text, text_type):
        return text
    return text.decode('utf-8', 'replace') if isinstance(text, bytes) else text_type(text)
