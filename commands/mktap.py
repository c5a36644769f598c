# Copyright the carryall authors.  See LICENSE.
"""mktap: makes a tap, the saved form of an application, out of a service type and its options.

Tests:    tests/commands/test_mktap.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands.catalogue import known_types
from carryall.commands.console import complain, help_width, run_command, say, show_help
from carryall.app.accountoptions import accounts_told
from carryall.app.application import Application, load, save
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.app.options import Choice, Flag, HelpRequested, Integer, Option, Path, Schema, Text
from carryall.app.tapfile import read_key
from carryall.app.usage import columns, help_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['SCHEMA', 'main', 'type_help']

SUMMARY = (u'Makes TYPE.tap, which holds a service and its options; "twistd -f TYPE.tap" runs it. '
           u'The same tap runs on '
           u'CPython, PyPy and Jython. Options before TYPE are of the tap, those after it are of '
           u'the service: '
           u'"mktap TYPE --help" shows them.')

SCHEMA = Schema([
    Option('uid', Text(1, 64, 'USER'), short='u', help='user to run as if root starts it (default: '
                                                       'the one who makes the tap)'),
    Option('gid', Text(1, 64, 'GROUP'), short='g', help='group to run as if root starts it'),
    Option('append', Path('file'), short='a',
           help='add the service to this tap instead of making a new one'),
    Option('appname', Text(1, 64, 'NAME'), short='n', help='name of the application; NAME.tap '
                                                           'holds it (default: TYPE)'),
    Option('output', Path('new'), short='o', help='the file to write (default: NAME.tap, here)'),
    Option('key', Path('file'),
           help='sign the tap with the key in this file, 16 random bytes or more'),
    Flag('gzip', help='compress the tap'),
    Option('backups', Integer(0, 100), default='1', help='number of former versions to keep, as '
                                                         'FILE.1 and so on'),
    Option('type', Choice(('tap', 'pickle', 'xml', 'source')), short='t', default='tap',
           help='form of the file; pickle is an old name of tap, the others are not there yet'),
    Flag('xml', short='x', help='the .tax form: not there yet'),
    Flag('source', short='s', help='the .tas form: not there yet'),
    Flag('encrypted', short='e', help='an encrypted tap: refused, see --key'),
    Flag('debug', short='d', help='show a traceback if it fails'),
    Flag('progress', short='p', help='nothing: there is nothing to wait for'),
], examples=[
    ('mktap web --path static', 'web.tap: the folder static on port 8080'),
    ('mktap -n site web --path static --port tcp:8000:interface=127.0.0.1',
     'site.tap, for this machine alone'),
    ('mktap --append web.tap simple --tcp echo:7007', 'an echo server in the same process')])


def main(words=None):
    # type: (Optional[Sequence[Any]]) -> int
    """The command; words without its name, those of the process unless given."""
    words = sys.argv[1:] if words is None else words
    # 1.2 had -d for this; it is looked for by hand,
    # since it is about what goes wrong with the options too.
    if '-d' in words[:1] or '--debug' in words[:1]:
        return _main(words)
    return run_command(u'mktap', _main, words)


def _main(words):
    # type: (Sequence[Any]) -> int
    registry = known_types()
    try:
        options, rest = SCHEMA.parse_head(words)
    except HelpRequested as asked:
        return _help(asked, words, registry)
    _refuse(options)
    if not rest:
        raise UsageError(u'which type? "mktap TYPE options"; the types are %s'
                         % u', '.join(name for name, _ in registry.rows()))
    kind = registry.get(rest[0])
    try:
        service_options = kind.options.parse(rest[1:])
    except HelpRequested as asked:
        return show_help(asked, u'mktap %s' % kind.name, kind.options, kind.summary)
    except UsageError as exc:
        exc.command = u'mktap %s' % kind.name
        raise
    for line in accounts_told(kind.options, service_options,
                              lambda text: complain(u'mktap %s' % kind.name, text)):
        say(line)
    for line in kind.saved(service_options):
        say(line)
    for problem in kind.check(service_options):
        complain(u'mktap %s' % kind.name, u'warning: %s' % problem)
    _save(options, kind, service_options, registry)
    return 0


def _save(options, kind, service_options, registry):
    # type: (OptionValues, Any, OptionValues, Registry) -> None
    from carryall.runtimes.host import systemfiles as files
    key = None if options.key is None else read_key(options.key)
    if options.append is not None:
        if options.appname is not None or options.uid is not None or options.gid is not None:
            raise UsageError(u'with --append the name, user and group are those of the tap')
        path = options.output or options.append
        application = load(options.append, registry, key)
    else:
        application = Application(options.appname or kind.name, *_ids(options))
        path = options.output or os.path.abspath(u'%s.tap' % application.name)
    service = application.add_values(kind.name, service_options, registry)
    save(application, path, files, key, options.gzip, options.backups)
    shown = os.path.relpath(path) if os.path.dirname(path) == os.path.abspath(u'.') else path
    where = u', '.join(kind.endpoints(service_options))
    say(u'saved %s: %s%s' % (shown, service.name, u' on ' + where if where else u''))


def _ids(options):
    # type: (OptionValues) -> List[Optional[int]]
    """[uid, gid] for the application: those of the options, else those of this process,
    if the system has them."""
    from carryall.runtimes.host import privileges
    uid, gid = privileges.current_ids()
    if options.uid is not None:
        uid, its_group = privileges.find_user(options.uid)
        if its_group is None and options.gid is None and gid is not None:
            raise UsageError(u'--uid: no account has the number %d, so there is no group to take; '
                             u'add --gid' % uid)
        gid = its_group
    if options.gid is not None:
        gid = privileges.find_group(options.gid)
    return [uid, gid]


def _refuse(options):
    # type: (OptionValues) -> None
    """UsageError for what stands for a thing that is not there."""
    if options.xml or options.source or options.type in (u'xml', u'source'):
        raise UsageError(u'the .tax and .tas forms are not there yet; leave the option away for a '
                         u'.tap')
    if options.encrypted:
        raise UsageError(u'--encrypted: a tap cannot be encrypted, as Python\'s standard library '
                         u'has no cipher; only its owner can read the file,'
                         u' and --key shows that it was not changed')


def _help(asked, words, registry):
    # type: (HelpRequested, Sequence[Any], Registry) -> int
    """`mktap --help`, and `mktap --help TYPE` as 0.19 had it."""
    names = [word for word in words if not word.startswith('-') and word != 'all']
    if names:
        kind = registry.get(native(names[-1]))
        return show_help(asked, u'mktap %s' % kind.name, kind.options, kind.summary)
    rows = [(u'  ' + name, summary) for name, summary in registry.rows()]
    types = u'types, each with options of its own (mktap TYPE --help):\n' + u'\n'.join(
        columns(rows, 15, help_width()))
    return show_help(asked, u'mktap', SCHEMA, SUMMARY, types,
                     u'[options] TYPE [options of TYPE]')


def type_help(command, kind):
    # type: (str, Any) -> str
    """The help of a service type under a command's name."""
    return help_text(u'%s %s' % (command, kind.name), kind.options, kind.summary)
