# Copyright the carryall authors.  See LICENSE.
"""carryall: leads to all commands, and runs a service at once.

    carryall COMMAND ...        one of COMMANDS in commands/catalogue.py
    carryall TYPE options       short for `carryall serve TYPE options`, unless TYPE is a COMMAND
    mktap, carryall-web ...     the same, chosen by the name of the program: a link to it, or
                                another file name

Tests:    tests/commands/test_main.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.app.options import Flag, HelpRequested, Schema
from carryall.app.servicetypes import UnknownType, nearest
from carryall.commands.catalogue import COMMANDS, TYPES, known_types
from carryall.commands.console import (BAD_USAGE, Warnings, help_width, run_command, say,
                                       write_all)
from carryall.commands.serve import RUN_OPTIONS, joined, run_type
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence

__all__ = ['COMMANDS', 'STATUS', 'SUMMARY', 'joined', 'main', 'words_of']

SUMMARY = (u'Runs a service in the foreground until Ctrl-C. "carryall TYPE --help" shows the '
           u'options of a type; the options below may also follow it unless the type has an option '
           u'of that name.')

STATUS = (u'status: 0 success, also after Ctrl-C or SIGTERM; 1 failure, for example if a port is '
          u'in use; 2 the command line is wrong, or names a file that is missing or wrong; '
          u'130 Ctrl-C before anything was served')

SCHEMA = Schema(RUN_OPTIONS + [Flag('version', help='print the version')], examples=[
    ('carryall web --path .', 'serve this folder on port 8080'),
    ('carryall mktap web --path . && carryall twistd -f web.tap', 'the same in the background'),
], first=('quiet', 'version'))


# Other names of the program besides carryall: a command's name, one of these, or carryall- and a
# command or type.
OTHER_NAMES = {'carryalld': 'twistd'}


def main(words=None):
    # type: (Any) -> int
    """The command; words without its name, those of the process unless given."""
    return run_command(u'carryall', _main, words_of(sys.argv) if words is None else words)


def words_of(argv):
    # type: (Sequence[Any]) -> List[Any]
    """The words for carryall, with the name that the program was called by: ['/opt/mktap', 'web']
    means `mktap web`."""
    words = list(argv[1:])
    name = os.path.basename(argv[0]) if argv else ''
    for ending in ('.exe', '.pyz', '.py'):
        if name.lower().endswith(ending):
            name = name[:-len(ending)]
    name = OTHER_NAMES.get(name, name)
    commands = [row[0] for row in COMMANDS]
    if name.startswith('carryall-'):
        name = name[len('carryall-'):]
        commands += [row[0] for row in TYPES]
    return [name] + words if name in commands else words


def _main(words):
    # type: (Sequence[Any]) -> int
    try:
        run_options, rest = SCHEMA.parse_head(words)
    except HelpRequested as asked:
        return _help(0, asked.everything)
    if run_options.version:
        from carryall.commands.listing import version_line
        say(version_line())
        return 0
    if not rest:
        return _help(BAD_USAGE)
    if rest[0] == u'version' and len(rest) == 1:
        return _main([u'--version'])
    if rest[0] == u'help':
        everything = rest[1:] and rest[-1] == u'all'
        named = rest[1:-1] if everything else rest[1:]
        return _main(named + [u'--help'] + ([u'all'] if everything else []))
    for name, module, function, _ in COMMANDS:
        if rest[0] == name:
            command = getattr(__import__(module, None, None, [function]), function)
            given = rest[1:]
            if name == 'serve':         # its options may stand before it too
                given = list(words[:len(words) - len(rest)]) + given
            with Warnings(u'carryall ' + name):
                status = run_command(u'carryall ' + name, command, given)
            if status is not None:      # None: the name is of a client and of a server; serve it
                return status
    try:
        kind = known_types().get(rest[0])
    except UnknownType as exc:
        names = [row[0] for row in COMMANDS]
        if exc.hint:
            raise
        hint = nearest(rest[0], names)
        if hint and rest[0] not in names:
            raise UsageError(u'there is no command "%s"%s ("carryall help" lists them)'
                             % (rest[0], hint))
        raise UsageError(u'%s; commands: %s' % (exc.message, u', '.join(names)))
    return run_type(u'carryall ' + kind.name, kind, rest[1:], run_options)


def _help(status, everything=False):
    # type: (int, bool) -> int
    from carryall.app.usage import columns, help_text, wrap
    width = help_width()
    types = [(u'  ' + name, summary) for name, summary in known_types().rows()]
    lists = [u'types:'] + columns(types, 15, width)
    if everything:
        commands = [(u'  ' + name, summary) for name, _, _, summary in COMMANDS]
        lists += [u'', u'commands:'] + columns(commands, 15, width)
        lists += [u''] + wrap(STATUS, width=width)
    else:
        lists += [u'', u'commands ("carryall help all" says more):']
        lists += wrap(u'  '.join(row[0] for row in COMMANDS), 2, width)
    text = help_text('carryall', SCHEMA, SUMMARY, u'\n'.join(lists), everything, width)
    write_all(sys.stdout if status == 0 else sys.stderr,
              text.replace(u'[options]', u'[options] TYPE|COMMAND [options of it]', 1))
    return status
