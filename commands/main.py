# Copyright the carryall authors.  See LICENSE.
"""carryall: runs a service at once, without a tap, and leads to all other commands.

    carryall TYPE options       as `mktap TYPE options` and `twistd -n` in one, without a file
    carryall COMMAND ...        one of COMMANDS below
    mktap, carryall-web ...     the same by the name that the program has: a link to it, or another file name

Tests:    tests/commands/test_main.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands.console import BAD_USAGE, Warnings, complain, run_command, say, write_all
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.app.optiontypes import Choice, Seconds, Text
from carryall.app.options import Flag, HelpRequested, Option, Schema
from carryall.app.optionvalues import value_of
from carryall.app.servicetypes import BUILTIN, Registry, UnknownType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['COMMANDS', 'STATUS', 'SUMMARY', 'joined', 'main', 'words_of']

# name, module, function, summary; a module is imported when its command is used.
COMMANDS = (
    ('cert', 'carryall.commands.cert', 'main', 'make and show certificates'),
    ('completion', 'carryall.commands.completion', 'main', 'print a completion script for a shell'),
    ('fetchmail', 'carryall.commands.fetchmail', 'main', 'fetch new mail by POP3 into a maildir'),
    ('finger', 'carryall.commands.finger', 'main', 'ask about a person: finger USER@HOST'),
    ('ftp-get', 'carryall.commands.ftp', 'get_main', 'fetch a file by FTP'),
    ('ftp-ls', 'carryall.commands.ftp', 'ls_main', 'list a folder by FTP'),
    ('ftp-mirror', 'carryall.commands.ftp', 'mirror_main', 'copy what is new in a folder, by FTP'),
    ('ftp-otp', 'carryall.commands.ftp', 'otp_main', 'keep one-time passwords'),
    ('ftp-put', 'carryall.commands.ftp', 'put_main', 'send a file by FTP'),
    ('get', 'carryall.commands.get', 'main', 'fetch a URL'),
    ('mktap', 'carryall.commands.mktap', 'main', 'save a service and its options as a tap'),
    ('passwd', 'carryall.commands.passwd', 'main', 'set or check a password in a password file'),
    ('run', 'carryall.commands.run', 'main', 'run a Python program with this carryall'),
    ('runtimes', 'carryall.commands.listing', 'runtimes_main', 'list the backends of this interpreter'),
    ('sendmail', 'carryall.commands.sendmail', 'main', 'send a message from stdin'),
    ('telnet', 'carryall.commands.telnet', 'main', 'connect a terminal: telnet HOST [PORT]'),
    ('twistd', 'carryall.commands.twistd', 'main', 'run a tap, in the background'),
    ('types', 'carryall.commands.listing', 'types_main', 'list the types of service'),
    ('whois', 'carryall.commands.whois', 'main', 'ask who has a name or a network'),
)

SUMMARY = (u'Runs a service in the foreground until Ctrl-C. "carryall TYPE --help" shows the options of a type; the options '
           u'below may also stand after it where the type has none of that name.')

STATUS = (u'status: 0 it ended well, by Ctrl-C or SIGTERM too; 1 it could not be done, as where a port is taken; 2 the command '
          u'line cannot be, or names a file that is not there or not right; 130 Ctrl-C before anything was served')

RUN_OPTIONS = [
    Option('backend', Text(1, 30, 'NAME'), group='running', help='the loop to run on; "carryall runtimes" lists them'),
    Option('drain', Seconds(0.0, 3600.0), default='10s', group='running',
           help='how long open connections may take to finish when it stops'),
    Option('log-format', Choice(('line', 'json')), default='line', group='running', help='form of the log on stderr'),
    Flag('quiet', short='q', group='running', help='log warnings and errors only'),
    Flag('debug', short='b', group='running', help='log everything, and start pdb on a crash'),
]
SCHEMA = Schema(RUN_OPTIONS + [Flag('version', help='print the version')], examples=[
    ('carryall web --path .', 'serve this folder on port 8080'),
    ('carryall mktap web --path . && carryall twistd -f web.tap', 'the same in the background')])


# What the program may be called besides carryall: a command's name, one of these, or carryall- and a command or type.
OTHER_NAMES = {'carryalld': 'twistd'}


def main(words=None):
    # type: (Any) -> int
    """The command; words without its name, those of the process unless given."""
    return run_command(u'carryall', _main, words_of(sys.argv) if words is None else words)


def words_of(argv):
    # type: (Sequence[Any]) -> List[Any]
    """The words for carryall, by the name that the program was called by: ['/opt/mktap', 'web'] means `mktap web`."""
    words = list(argv[1:])
    name = os.path.basename(argv[0]) if argv else ''
    for ending in ('.exe', '.pyz', '.py'):
        if name.lower().endswith(ending):
            name = name[:-len(ending)]
    name = OTHER_NAMES.get(name, name)
    commands = [row[0] for row in COMMANDS]
    if name.startswith('carryall-'):
        name = name[len('carryall-'):]
        commands += [row[0] for row in BUILTIN]
    return [name] + words if name in commands else words


def _main(words):
    # type: (Sequence[Any]) -> int
    try:
        run_options, rest = SCHEMA.parse_head(words)
    except HelpRequested:
        return _help(0)
    if run_options.version:
        from carryall.commands.listing import version_line
        say(version_line())
        return 0
    if not rest:
        return _help(BAD_USAGE)
    for name, module, function, _ in COMMANDS:
        if rest[0] == name:
            command = getattr(__import__(module, None, None, [function]), function)
            with Warnings(u'carryall ' + name):
                status = run_command(u'carryall ' + name, command, rest[1:])
            if status is not None:      # what is a client and a server both (finger, telnet) says None for the latter
                return status
    try:
        kind = Registry().get(rest[0])
    except UnknownType as exc:
        raise UsageError(u'%s; commands: %s' % (exc.message, u', '.join(row[0] for row in COMMANDS)))
    return run_command(u'carryall ' + kind.name, lambda words: _run_type(kind, words, run_options), rest[1:])


def _run_type(kind, words, run_options):
    # type: (Any, Sequence[Any], OptionValues) -> int
    command = u'carryall ' + kind.name
    schema, shared = joined(kind.options)
    try:
        options = schema.parse(words)
    except HelpRequested:
        from carryall.app.usage import help_text
        write_all(sys.stdout, help_text(command, schema, kind.summary))
        return 0
    for option in shared:
        value = value_of(options, option)
        if value != option.default():
            setattr(run_options, option.attribute, value)
    options = kind.options.narrowed(options)
    problems = kind.check(options)
    for problem in problems:
        complain(command, problem)
    if problems:
        return BAD_USAGE
    return _serve(kind, options, run_options)


def joined(schema):
    # type: (Schema) -> Tuple[Schema, List[Option]]
    """The type's schema with those of RUN_OPTIONS, long names only, that it has no name for."""
    taken = set(name for option in schema.options for name in (option.name,) + option.aliases)
    shared = []     # type: List[Option]
    for option in RUN_OPTIONS:
        if option.name not in taken:
            shared.append(option.without_short())
    return schema.extended(shared), shared


def _serve(kind, options, run_options):
    # type: (Any, OptionValues, OptionValues) -> int
    import logging
    from carryall.commands.serving import Foreground, Settings, serve
    level = logging.DEBUG if run_options.debug else logging.WARNING if run_options.quiet else logging.INFO
    backend = run_options.backend
    settings = Settings(backend=backend and native(backend), drain=run_options.drain, level=level,
                        json=run_options.log_format == u'json', debug=run_options.debug)
    return serve(lambda: kind.make(options), settings, Foreground())


def _help(status):
    # type: (int) -> int
    from carryall.app.usage import columns, help_text, wrap
    types = [(u'  ' + name, summary) for name, summary in Registry().rows()]
    commands = [(u'  ' + name, summary) for name, _, _, summary in COMMANDS]
    lists = u'\n'.join([u'types:'] + columns(types, 15) + [u'', u'commands:'] + columns(commands, 15)
                      + [u''] + wrap(STATUS))
    text = help_text('carryall', SCHEMA, SUMMARY, lists)
    write_all(sys.stdout if status == 0 else sys.stderr,
              text.replace(u'[options]', u'[options] TYPE|COMMAND [options of it]', 1))
    return status
