# Copyright the carryall authors.  See LICENSE.
"""twistd: runs the application in a tap, in the background unless told otherwise.

Tests:    tests/commands/test_twistd.py
"""
from __future__ import absolute_import, division, print_function

import logging
import os
import sys

from carryall.commands.catalogue import known_types
from carryall.commands.console import FAILED, complain, run_command, say, show_help, write_all
from carryall.commands.serverprocess import Foreground, Settings, serve
from carryall.app.application import Application, dump, load, save, to_bytes
from carryall.core.compat import FAILURES, native
from carryall.core.errors import CarryallError, UsageError
from carryall.core.logs import get_logger
from carryall.app.options import (Choice, Flag, HelpRequested, Integer, Option, Path, Schema,
                                  Seconds, Size, Text)
from carryall.app.optionvalues import named
from carryall.app.tapfile import read_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['OLD_BACKENDS', 'SCHEMA', 'check_backend', 'main']

SUMMARY = (u'Runs the application in a tap. It goes into the background once every port is bound; '
           u'-n keeps it in the '
           u'foreground, where Ctrl-C ends it. The log, the pid file and the crash file lie in '
           u'--rundir.')

# Names that 0.19 and 1.2 had for what -r chooses.
OLD_BACKENDS = {u'default': None, u'win': u'select', u'win32': u'select', u'java': u'nio',
                u'auto': None}

SCHEMA = Schema([
    Flag('nodaemon', short='n', help='stay in the foreground'),
    Option('file', Path('file'), short='f', default=None, help='the tap to run (default: '
                                                               'twistd.tap)'),
    Option('python', Path('file'), short='y', help='run the application that a Python script '
                                                   'defines as "application"; '
           'it is a program, and runs with your rights'),
    Option('plugin', Text(1, 200, 'PACKAGE'), short='g',
           help='run config.tac of a Python package, as -y does'),
    Option('xml', Path('any'), short='x', help='the .tax form of a tap: not there yet'),
    Option('source', Path('any'), short='s', help='the .tas form of a tap: not there yet'),
    Option('key', Path('file'), help='the tap must be signed with the key in this file'),
    Flag('encrypted', short='e', help='an encrypted tap: refused, see --key'),
    Option('rundir', Path('any'), short='d', help='the folder to run in (default: the current one; '
                                                  'with --chroot: /)'),
    Option('pidfile', Text(metavar='FILE'), default='twistd.pid',
           help='holds the pid while the server runs; empty for none; -n has none unless it is '
                'given'),
    Flag('no-save', short='o', help='do not save an application that changed while it ran as '
                                    'NAME-shutdown.tap'),
    Flag('check', help='only say whether the application could run here and now'),
    Flag('dump', help='only print the application, readable'),
    Flag('version', help='print the version'),

    Option('backend', Text(1, 30, 'NAME'), short='r', aliases=('reactor',), group='loop',
           help='the loop to run on; "carryall runtimes" lists them'),
    Option('drain', Seconds(0.0, 3600.0), default='10s', group='loop',
           help='how long open connections may take to finish when it stops'),

    Option('logfile', Text(metavar='FILE'), short='l', group='log',
           help='where the log goes, - for stdout (default: twistd.log, and stdout with -n)'),
    Option('log-format', Choice(('line', 'json')), default='line', group='log',
           help='form of its lines'),
    Option('log-size', Size(), default='10M', group='log', help='a log file is rotated at this '
                                                                'size; 0 for never'),
    Option('log-keep', Integer(0, 999), default='9', group='log',
           help='number of rotated log files that are kept'),
    Flag('syslog', group='log', help='log to the system\'s log'),
    Option('prefix', Text(1, 64), default='twistd', group='log',
           help='begin of the lines in the system\'s log'),
    Flag('quiet', short='q', group='log', help='log warnings and errors only'),
    Flag('debug', short='b', group='log',
         help='log everything, and start pdb on a crash; implies -n'),
    Flag('profile', short='p', group='log', help='write a profile of the run to twistd.profile '
                                                 'when it ends'),

    Option('uid', Text(1, 64, 'USER'), group='rights', help='name or number of the user to become'),
    Option('gid', Text(1, 64, 'GROUP'), group='rights',
           help='name or number of the group to become'),
    Flag('euid', group='rights', help='become them as effective user and group only'),
    Option('umask', Text(3, 4, 'OCTAL'), group='rights', help='(default: 077 in the background)'),
    Option('chroot', Path('folder'), group='rights',
           help='make this folder the root of all paths first'),
    Flag('originalname', group='rights', help='nothing: the process is never renamed'),
], examples=[
    ('twistd -f web.tap', 'in the background; the log is twistd.log'),
    ('kill $(cat twistd.pid)', 'ends it, when the open connections are done'),
    ('twistd -nf web.tap', 'in the foreground'),
    ('twistd --check -f web.tap', 'are the ports free, the folders there?'),
    ('twistd --uid www-data -f web.tap', 'binds its ports as root, serves as www-data')],
    first=('nodaemon', 'file', 'python', 'rundir', 'pidfile', 'check', 'backend', 'logfile', 'uid',
           'gid'))

log = get_logger('twistd')


def main(words=None):
    # type: (Optional[Sequence[Any]]) -> int
    """The command; words without its name, those of the process unless given."""
    return run_command(u'twistd', _main, sys.argv[1:] if words is None else words)


def _main(words):
    # type: (Sequence[Any]) -> int
    from carryall.runtimes.host import daemon
    detached = daemon.is_detached(words)
    try:
        options = SCHEMA.parse(words[:-1] if detached else words)
    except HelpRequested as asked:
        return show_help(asked, 'twistd', SCHEMA, SUMMARY)
    if options.version:
        from carryall.commands.listing import version_line
        say(version_line())
        return 0
    _refuse(options)
    if options.chroot is not None:
        from carryall.runtimes.host.privileges import why_no_chroot
        reason = why_no_chroot()
        if reason is not None:
            raise UsageError(u'--chroot: %s' % reason)
    task = Task(options)
    if options.dump:
        write_all(sys.stdout, task.dumped())
        return 0
    if options.check:
        return task.check()
    if task.settings.log_file == '-' and not task.foreground:
        raise UsageError(u'in the background there is no stdout to log to: give -l a file, or add '
                         u'-n')
    check_backend(task.settings.backend)
    if task.foreground:
        return task.serve(Foreground())
    if detached:
        daemon.begin_session()
        return task.serve_detached(daemon.detached_report())
    return _detach(task)


def _detach(task):
    # type: (Task) -> int
    from carryall.runtimes.host import daemon
    unwanted = daemon.inherited()       # now: a program may open what it needs in the background
    if daemon.CAN_FORK or not task.is_program:
        task.make()         # what is wrong with the tap is told here, with status 2
    task.check_pid_file()
    if not daemon.CAN_FORK:
        task.check_log()
    outcome = daemon.detach(task.serve_detached, daemon.own_command(), task.error_log(),
                            task.settings.umask, unwanted)
    for line in outcome.lines:
        if outcome.ready:
            say(line)
        else:
            complain(u'twistd', line)
    if not outcome.ready and not outcome.lines:
        complain(u'twistd', u'it did not come up; %s may say why' % task.error_log())
    return 0 if outcome.ready else FAILED


def _refuse(options):
    # type: (OptionValues) -> None
    """UsageError for options that contradict, or that stand for what is not there."""
    for name, path in named(options, 'xml', 'source'):
        if path is not None:
            raise UsageError(u'--%s: that form of a tap is not there yet; mktap makes the .tap form'
                             % name)
    if options.encrypted:
        raise UsageError(u'--encrypted: a tap cannot be encrypted, as Python\'s standard library '
                         u'has no cipher; only its owner can read the file,'
                         u' and --key shows that it was not changed')
    if sum(value is not None for _, value in named(options, 'file', 'python', 'plugin')) > 1:
        raise UsageError(u'only one of --file, --python and --plugin can say what to run')


def check_backend(name):
    # type: (Optional[str]) -> None
    """UsageError if there is no such backend or it cannot run here;
    before anything goes into the background."""
    if name is None:
        return
    from carryall import runtimes
    found = [backend for backend in runtimes.backends() if backend.name == name]
    if not found or not found[0].available:
        runtimes.choose(name).close()       # raises, and says why


class Task(object):
    """The task of one command line."""

    def __init__(self, options):
        # type: (OptionValues) -> None
        self._options = options
        self._registry = known_types()
        # An Application, or a Service that a script made.
        self._application = None  # type: Any
        self._saved = None              # type: Optional[bytes]
        self.foreground = options.nodaemon or options.debug
        self.is_program = options.python is not None or options.plugin is not None
        self.settings = _settings(options, self.foreground)

    def make(self):
        # type: () -> Any
        """The application; loaded once."""
        if self._application is None:
            if self.is_program:
                self._application = _run_program(self._options)
            else:
                key = self._options.key
                path = self._options.file or os.path.abspath(u'twistd.tap')
                self._application = load(path, self._registry, None if key is None
                                         else read_key(key))
        return self._application

    def error_log(self):
        # type: () -> Optional[str]
        """The file that gets the last output of the interpreter itself."""
        if self.settings.syslog is not None or self.settings.root is not None:
            return None
        return os.path.join(self.settings.folder or '', self.settings.log_file)

    def check_pid_file(self):
        # type: () -> None
        """AlreadyRunning before a child is started, which takes a while on a JVM."""
        if self.settings.pid_file and self.settings.root is None:
            from carryall.runtimes.host.pidfile import PidFile
            PidFile(os.path.join(self.settings.folder or '', self.settings.pid_file)).check()

    def check_log(self):
        # type: () -> None
        """CarryallError if the log cannot be written; where a child is started, its stderr is
        opened by its parent."""
        path = self.error_log()
        if path is not None:
            from carryall.runtimes.host import systemfiles as files
            try:
                files.append_private(path).close()
            except (IOError, OSError) as exc:
                raise CarryallError(u'the log %s cannot be written: %s'
                                    % (path, exc.strerror or exc))

    # -- serving -----------------------------------------------------------------------------------

    def serve_detached(self, report):
        # type: (Any) -> int
        """Does the same as `serve`; an error was told to the report and to no one else."""
        try:
            return self.serve(report)
        except CarryallError as exc:
            report.failed([exc.message])
            return FAILED

    def serve(self, report):
        # type: (Any) -> int
        """Runs it; the status."""
        self.make()
        self._take_ids()
        status = serve(self._make_service, self.settings, report)
        self._save_changes()
        return status

    def _make_service(self):
        # type: () -> Any
        application = self.make()
        if not isinstance(application, Application):
            return application
        self._saved = to_bytes(application)
        return application.make(self._registry)

    def _take_ids(self):
        # type: () -> None
        """Sets the user and group: those of the options, else of the tap, which need root."""
        from carryall.runtimes.host import privileges
        options = self._options
        settings = self.settings
        application = self.make()
        if options.uid is not None:
            settings.uid, settings.gid = privileges.find_user(options.uid)
            settings.account = None if options.uid.isdigit() else options.uid
        if options.gid is not None:
            settings.gid = privileges.find_group(options.gid)
        if options.uid is None and options.gid is None and isinstance(application, Application):
            if privileges.may_switch():
                settings.uid = application.uid
                settings.gid = application.gid
            elif (application.uid, application.gid) not in ((None, None), privileges.current_ids()):
                log.info('the tap asks for uid %s, gid %s; only root can become them, so they stay '
                         'as they are',
                         application.uid, application.gid)
        if settings.uid is not None and settings.gid is None and privileges.may_switch():
            raise UsageError(u'--uid: no account has the number %d, so there is no group to take; '
                             u'add --gid'
                             % settings.uid)

    def _save_changes(self):
        # type: () -> None
        """Saves an application that is not as it was loaded; coil may have changed it."""
        application = self._application
        if self._options.no_save or self._saved is None or to_bytes(application) == self._saved:
            return
        from carryall.runtimes.host import systemfiles as files
        save(application, u'%s-shutdown.tap' % application.name, files)

    # -- looking -----------------------------------------------------------------------------------

    def dumped(self):
        # type: () -> str
        """The application, readable."""
        application = self.make()
        if not isinstance(application, Application):
            return u'a service made by a program: %s\n' % application.name
        return dump(application, self._registry)

    def check(self):
        # type: () -> int
        """Prints what would keep it from running; the status."""
        application = self.make()
        problems = []           # type: List[str]
        if isinstance(application, Application):
            problems = application.problems(self._registry)
            problems += _port_problems(application.endpoints(self._registry), self.settings.backend)
        for problem in problems:
            complain(u'twistd', problem)
        if not problems:
            say(u'%s can run here' % application.name)
        return FAILED if problems else 0


def _settings(options, foreground):
    # type: (OptionValues, bool) -> Settings
    backend = options.backend
    umask = options.umask or (None if foreground else u'077')
    if umask is not None and umask.strip(u'01234567'):
        raise UsageError(u'option --umask: "%s" is not octal, such as 077' % umask)
    pid_file = options.pidfile if not foreground or options.pidfile != u'twistd.pid' else u''
    folder = options.rundir or (u'/' if options.chroot else os.path.abspath(u'.'))
    return Settings(
        backend=native(OLD_BACKENDS.get(backend, backend) or u'') or None, drain=options.drain,
        level=_level(options),
        json=options.log_format == u'json', log_bytes=options.log_size, log_keep=options.log_keep,
        log_file=options.logfile or (u'-' if foreground else u'twistd.log'),
        syslog=options.prefix if options.syslog else None, pid_file=pid_file, folder=folder,
        root=options.chroot, umask=None if umask is None else int(umask, 8), effective=options.euid,
        debug=options.debug, profile=u'twistd.profile' if options.profile else None)


def _level(options):
    # type: (Any) -> int
    """The level of the log that the options ask for."""
    if options.debug:
        return logging.DEBUG
    return logging.WARNING if options.quiet else logging.INFO


def _port_problems(endpoints, backend):
    # type: (Sequence[tuple], Optional[str]) -> List[str]
    """Tries to listen on each endpoint; one sentence for each where it fails."""
    from carryall import runtimes
    from carryall.app.endpoints import parse_endpoint
    from carryall.core.net.protocol import DatagramProtocol, Protocol
    problems = []       # type: List[str]
    loop = runtimes.choose(backend)
    try:
        for name, text in endpoints:
            endpoint = parse_endpoint(text)
            try:
                if endpoint.kind == 'udp':
                    endpoint.open(loop, DatagramProtocol).close()
                else:
                    endpoint.listen(loop, Protocol).close()
            except CarryallError as exc:
                problems.append(u'%s: %s' % (name, exc.message))
    finally:
        loop.close()
    return problems


def _run_program(options):
    # type: (OptionValues) -> Any
    """Runs a script and takes its `application`."""
    path = options.python or _config_of(options.plugin)
    scope = {'__name__': '__main__', '__file__': path}      # type: Dict[str, Any]
    try:
        with open(path, 'rb') as source:
            # py2: the name of the file is bytes.
            code = compile(source.read(), path if isinstance(path, str) else path.encode('utf-8'),
                           'exec', 0, True)
    except (IOError, OSError) as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, exc.strerror or exc))
    except (SyntaxError, ValueError, TypeError) as exc:
        raise UsageError(u'%s is not Python that this interpreter reads: %s' % (path, exc))
    try:
        exec(code, scope)
    except FAILURES as exc:
        raise UsageError(u'%s failed: %s: %s' % (path, exc.__class__.__name__, exc))
    application = scope.get('application')
    if not isinstance(application, Application) and not hasattr(application, 'listening'):
        raise UsageError(u'%s does not define "application" as an Application or a Service' % path)
    return application


def _config_of(package):
    # type: (str) -> str
    """The path of a package's config.tac."""
    try:
        module = __import__(native(package), None, None, ['__file__'])
        return os.path.join(os.path.dirname(os.path.abspath(module.__file__)), 'config.tac')
    except (ImportError, AttributeError, UnicodeError, ValueError) as exc:
        raise UsageError(u'the package %s cannot be imported: %s' % (package, exc))
