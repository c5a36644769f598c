# Copyright the carryall authors.  See LICENSE.
"""`carryall run FILE`: runs a Python program with the Python and the carryall of this very
artifact.

A frozen binary and a jar have both inside, and no other door to them:
this is how a server of one's own runs there.

    carryall run echo.py            # echo.py says `from carryall import runtimes` ...
    java -jar carryall.jar run echo.py --some option

Status:   what the program ends with; 1 and a traceback, the program's own, if it fails;
          2 it cannot be read.
Tests:    tests/commands/test_run.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import types

from carryall.commands.console import FAILED, show_help, write_all
from carryall.core.compat import FAILURES, text_type
from carryall.core.errors import UsageError
from carryall.app.options import Argument, HelpRequested, Path, Schema, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

__all__ = ['SCHEMA', 'SUMMARY', 'main']

SUMMARY = (u'Runs a Python program with the Python and the carryall of this program. The program '
           u'finds modules that lie '
           u'beside it. All words after FILE are for the program.')
SCHEMA = Schema([], [
    Argument('file', Path('file'), help='the program'),
    Argument('word', Text(0), help='words for the program', required=False, repeat=True)],
                examples=[
        ('carryall run echo.py', 'run the program echo.py of this folder')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    if words and words[0] in ('--help', '-h'):
        return show_help(HelpRequested(), u'carryall run', SCHEMA, SUMMARY, head=u'')
    if not words or words[0].startswith('-'):
        raise UsageError(u'which file? "carryall run --help" tells more')
    path = _native(words[0])
    code = _compiled(path)
    sys.argv = [_native(word) for word in words]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    # A module of its own in the place of ours: what the program pickles, or asks of __main__,
    # is its own.
    module = types.ModuleType('__main__')
    module.__file__ = path
    sys.modules['__main__'] = module
    try:
        exec(code, module.__dict__)
    except (SystemExit, KeyboardInterrupt):
        raise
    except FAILURES:
        import traceback
        traceback.print_exc()
        return FAILED
    return 0


def _native(word):
    # type: (Any) -> str
    # py2: the words of a command line, and the names of files, are bytes.
    return word if isinstance(word, str) or not isinstance(word, text_type) else word.encode(
        'utf-8')


def _compiled(path):
    # type: (str) -> Any
    try:
        with open(path, 'rb') as source:
            return compile(source.read(), path, 'exec', 0, True)
    except (IOError, OSError) as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, exc.strerror or exc))
    except (SyntaxError, ValueError, TypeError) as exc:
        raise UsageError(u'%s is not Python that this interpreter reads: %s' % (path, exc))
