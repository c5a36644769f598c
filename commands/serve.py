# Copyright the carryall authors.  See LICENSE.
"""`carryall serve TYPE`: runs a service in the foreground, without a tap.

    carryall serve web --path .         as `mktap web --path .` and `twistd -n` in one
    carryall serve site                 the web server for the folder site

The word `serve` may be left out unless a client has the name of the type.

Status:   0 the service ended well, by Ctrl-C or SIGTERM too; 1 it failed; 2 the command line is
          wrong; 130 Ctrl-C before anything was served.
Tests:    tests/commands/test_main.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.accountoptions import accounts_told
from carryall.app.options import Flag, HelpRequested, Option, Schema
from carryall.app.optiontypes import Choice, Seconds, Text
from carryall.app.optionvalues import value_of
from carryall.app.servicetypes import UnknownType
from carryall.commands.catalogue import known_types
from carryall.commands.console import BAD_USAGE, complain, run_command, show_help
from carryall.core.compat import native
from carryall.core.errors import ListenFailed, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['RUN_OPTIONS', 'SCHEMA', 'SUMMARY', 'joined', 'main', 'run_type']

SUMMARY = (u'Runs a service in the foreground until Ctrl-C; a folder in place of TYPE is served by '
           u'HTTP. "carryall types" lists the types, '
           u'"carryall serve TYPE --help" shows the options of one. The options below may also '
           u'follow TYPE unless the type has an option of the same name.')

RUN_OPTIONS = [
    Option('backend', Text(1, 30, 'NAME'), group='running', help='the loop to run on; "carryall '
                                                                 'runtimes" lists them'),
    Option('drain', Seconds(0.0, 3600.0), default='10s', group='running',
           help='how long open connections may take to finish when it stops'),
    Option('log-format', Choice(('line', 'json')), default='line', group='running',
           help='form of the log on stderr'),
    Option('activity', Choice(('auto', 'yes', 'no')), default='auto', group='running',
           help='a line on stdout for each request, transfer, message and login; auto: if it is a '
                'terminal, and without --quiet'),
    Flag('quiet', short='q', group='running', help='log warnings and errors only'),
    Flag('debug', short='b', group='running', help='log everything, and start pdb on a crash'),
]
SCHEMA = Schema(RUN_OPTIONS, examples=[
    ('carryall serve web --path .', 'serve this folder on port 8080')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        run_options, rest = SCHEMA.parse_head(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall serve', SCHEMA, SUMMARY,
                         head=u'[options] TYPE [options of it]')
    if not rest:
        raise UsageError(u'TYPE must be given; "carryall types" lists them')
    types = known_types()
    try:
        kind = types.get(rest[0])
    except UnknownType:
        if not os.path.isdir(rest[0]):
            raise
        return run_type(u'carryall serve', types.get(u'web'), rest, run_options)
    return run_type(u'carryall serve ' + kind.name, kind, rest[1:], run_options)


def run_type(command, kind, words, run_options):
    # type: (str, Any, Sequence[Any], OptionValues) -> int
    """Runs a service; *words* follow the name of its type, *command* is the text before them.

    Args:     kind:        the ServiceType.
              run_options: values of RUN_OPTIONS, as given before the type.
    """
    return run_command(command, lambda rest: _run_type(command, kind, rest, run_options), words)


def _run_type(command, kind, words, run_options):
    # type: (str, Any, Sequence[Any], OptionValues) -> int
    schema, shared = joined(kind.options)
    try:
        options = schema.parse(words, bare=True)
    except HelpRequested as asked:
        return show_help(asked, command, schema, kind.summary)
    for option in shared:
        value = value_of(options, option)
        if value != option.default():
            setattr(run_options, option.attribute, value)
    options = kind.options.narrowed(options)
    lines = accounts_told(kind.options, options, lambda text: complain(command, text))
    lines += kind.started_by_hand(options)
    problems = kind.check(options)
    for problem in problems:
        complain(command, problem)
    if problems:
        return BAD_USAGE
    watched = kind.watched_folder(options)
    if watched is not None:
        from carryall.commands import reloader
        if not reloader.is_child():
            return reloader.watch(watched)
    return _serve(kind, options, run_options, lines)


def joined(schema):
    # type: (Schema) -> Tuple[Schema, List[Option]]
    """The type's schema with those of RUN_OPTIONS whose names it has not; they keep their letters
    unless the type has them."""
    taken = set(name for option in schema.options for name in (option.name,) + option.aliases)
    letters = set(option.short for option in schema.options)
    shared = []     # type: List[Option]
    for option in RUN_OPTIONS:
        if option.name not in taken:
            shared.append(option.without_short() if option.short in letters else option)
    return schema.extended(shared), shared


def _serve(kind, options, run_options, lines):
    # type: (Any, OptionValues, OptionValues, List[str]) -> int
    import logging
    import sys
    from carryall.commands.activitylines import ActivityLines, in_colours
    from carryall.commands.firstline import TerminalReport, on_a_terminal
    from carryall.commands.serverprocess import Foreground, Settings, serve
    level = logging.INFO
    if run_options.debug:
        level = logging.DEBUG
    elif run_options.quiet:
        level = logging.WARNING
    backend = run_options.backend
    terminal = on_a_terminal()
    activity = None
    if run_options.activity == u'yes' or run_options.activity == u'auto' and terminal \
            and level == logging.INFO:
        activity = ActivityLines(sys.stdout, kind.name, in_colours(os.environ, terminal))
    settings = Settings(backend=backend and native(backend), drain=run_options.drain, level=level,
                        json=run_options.log_format == u'json', debug=run_options.debug,
                        terminal=terminal and not run_options.debug, activity=activity)
    report = TerminalReport(kind.name, lines) if settings.terminal else Foreground(lines)
    try:
        return serve(lambda: kind.make(options), settings, report)
    except ListenFailed as fault:
        from carryall import runtimes
        from carryall.commands.remedies import with_remedy
        raise with_remedy(fault, kind.options, options,
                          lambda: runtimes.choose(settings.backend))
