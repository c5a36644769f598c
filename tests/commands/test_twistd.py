# Copyright the carryall authors.  See LICENSE.
"""twistd, in this process: its options, what it checks, shows and refuses,
and one run on a loop in memory."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall import runtimes
from carryall.commands import twistd
from carryall.commands.twistd import SCHEMA, Task
from carryall.app.application import Application, load, save
from carryall.core.errors import ListenFailed
from carryall.app.servicetypes import Registry
from carryall.runtimes.host import daemon, privileges, systemfiles as files
from carryall.runtimes.platform import ON_JVM
from tests.commands import sample
from tests.commands.loops import SignalledLoop
from tests.support.umask import set_umask


def make_registry():
    """A registry with the type of these tests alone."""
    registry = Registry([], path=[], environ={})
    registry.add(sample.SampleType())
    return registry


@pytest.fixture(autouse=True)
def folder(tmpdir, monkeypatch):
    """A folder with a tap; the umask is put back."""
    monkeypatch.chdir(tmpdir)
    monkeypatch.setattr(twistd, 'known_types', make_registry)
    make_tap()
    former = set_umask(0o022)
    yield tmpdir
    set_umask(former)


@pytest.fixture
def loop(monkeypatch):
    """The loop that it gets; TERM comes after a second."""
    made = SignalledLoop([(1.0, 'TERM')])
    monkeypatch.setattr(runtimes, 'choose', lambda name=None: made)
    return made


def make_tap(name='sample.tap', words=(), uid=None, gid=None, key=None):
    """Writes a tap."""
    application = Application(u'sample', uid, gid)
    application.add('sample', words, make_registry())
    save(application, name, files, key=key)


def settings_of(*words):
    """The settings that a command line gives."""
    return Task(SCHEMA.parse(words)).settings


def names():
    """The names in the folder."""
    return sorted(os.listdir('.'))


# -- options -----------------------------------------------------------------

def test_every_old_option_is_there():
    """0.19's and 1.2's letters and names, and the later ones."""
    for letter, name in zip('npbqolfyxsdrge', ('nodaemon', 'profile', 'debug', 'quiet', 'no_save',
                                               'logfile', 'file', 'python', 'xml', 'source',
                                               'rundir', 'backend', 'plugin', 'encrypted')):
        found = [option for option in SCHEMA.options if option.short == letter]
        assert [option.key for option in found] == [name], letter
    for name in ('euid', 'pidfile', 'version', 'syslog', 'prefix', 'chroot', 'originalname',
                 'umask', 'uid', 'gid', 'check', 'dump', 'reactor', 'no_save', 'no-save'):
        assert SCHEMA._long.get(name.replace('_', '-')), name
    assert all(option.help for option in SCHEMA.options)


def test_settings_in_the_background():
    """The defaults of the settings."""
    settings = settings_of()
    assert settings.log_file == 'twistd.log' and settings.pid_file == 'twistd.pid' \
        and settings.umask == 0o077
    assert settings.folder == os.getcwd() and settings.backend is None and settings.drain == 10.0


def test_settings_in_the_foreground():
    """-n logs to stdout and has no pid file; -b implies it; what is asked for is heeded."""
    for words in (['-n'], ['-b'], ['--nodaemon', '--pidfile=twistd.pid']):
        settings = settings_of(*words)
        assert (settings.log_file, settings.pid_file, settings.umask) == ('-', '', None), words
    settings = settings_of('-n', '--pidfile=my.pid', '-l', 'my.log', '--umask=027')
    assert (settings.log_file, settings.pid_file, settings.umask) == ('my.log', 'my.pid', 0o027)


def test_no_pid_file():
    """An empty name: none."""
    assert settings_of('--pidfile=').pid_file == ''


@pytest.mark.parametrize('word, backend', [
    ('default', None), ('win32', 'select'), ('win', 'select'), ('java', 'nio'), ('poll', 'poll'),
    ('epoll', 'epoll')])
def test_old_names_of_backends(word, backend):
    """-r, --reactor and --backend are one."""
    for words in (['-r', word], ['--reactor', word], ['--backend=' + word]):
        found = settings_of(*words).backend
        assert found == backend and (found is None or type(found) is str)


def test_levels_forms_and_folders_can_be_set(folder):
    """Levels, forms, folders."""
    import logging
    assert settings_of('-q').level == logging.WARNING and settings_of('-b').level == logging.DEBUG
    assert settings_of('--log-format=json').json and not settings_of().json
    assert settings_of('--syslog').syslog == u'twistd' and settings_of(
        '--syslog', '--prefix=x').syslog == u'x'
    assert settings_of('--log-size=1M', '--log-keep=2').log_bytes == 1 << 20
    assert settings_of('-p').profile and settings_of('--euid').effective and settings_of(
        '--drain=1m').drain == 60.0
    assert settings_of('--chroot', str(folder)).folder == '/'
    assert settings_of('--chroot', str(folder), '-d', '/tmp').folder == os.path.abspath(u'/tmp')


# -- what it refuses ---------------------------------------------------------

@pytest.mark.skipif(not ON_JVM, reason='of a JVM')
def test_no_chroot_on_a_jvm(folder, capsys):
    """--chroot is refused before anything runs."""
    assert twistd.main(['--chroot', '.', '-f', 'sample.tap']) == 2
    assert 'a JVM loads its classes' in capsys.readouterr()[1]


def test_a_uid_without_a_group(folder, capsys, monkeypatch):
    """Root's group is not kept for a number that no account has; --gid says another."""
    pytest.importorskip('pwd')
    monkeypatch.setattr(privileges, 'may_switch', lambda: True)
    assert twistd.main(['--uid=3999999999', '-nf', 'sample.tap']) == 2
    assert 'no account has the number 3999999999' in capsys.readouterr()[1]


@pytest.mark.parametrize('words, sentence', [
    (['--nope'], 'twistd: there is no option --nope (twistd --help lists them)\n'),
    (['web.tap'], 'what is "web.tap"?'),
    (['-f', 'none.tap'], 'cannot be read'),
    ([], 'twistd.tap cannot be read'),
    (['-f', 'notes'], 'notes: this is not a tap'),
    (['-nf', 'other.tap'], 'there is no service type "other"'),
    (['-l', '-', '-f', 'sample.tap'], 'there is no stdout to log to'),
    (['-x', 'web.tax'], 'not there yet'), (['-s', 'web.tas'], 'not there yet'),
    (['-e', '-f', 'sample.tap'], 'cannot be encrypted'),
    (['-f', 'sample.tap', '-y', 'app.py'], 'only one of'),
    (['-r', 'gtk', '-f', 'sample.tap'], 'there is no backend gtk'),
    (['--umask=8', '-f', 'sample.tap'], 'umask'),
    (['--umask=999', '-f', 'sample.tap'], 'not octal'),
    (['--uid=no-such-user', '-nf', 'sample.tap'], 'no user'),
    (['--gid=no-such-group', '-nf', 'sample.tap'], 'no group'),
    (['--key', 'notes', '-nf', 'sample.tap'], 'too short'),
    (['-ny', 'none.py'], 'cannot be read'), (['-ny', 'broken.py'], 'is not Python'),
    (['-ny', 'raising.py'], 'raising.py failed: ZeroDivisionError'),
    (['-ny', 'empty.py'], 'does not define "application"'),
    (['-ng', 'no_such_package'], 'cannot be imported'),
])
def test_wrong_words_are_refused_with_status_2(folder, capsys, words, sentence):
    """One sentence on stderr, status 2; nothing runs."""
    folder.join('notes').write('hello')
    folder.join('broken.py').write('def (')
    folder.join('raising.py').write('1 // 0')
    folder.join('empty.py').write('applicatoin = 5\napplication = 5\n')
    other = Application(u'other')
    other.add('sample', [], make_registry())
    other.services[0].type = u'other'
    save(other, 'other.tap', files)
    before = names()
    assert twistd.main(words) == 2
    output, errors = capsys.readouterr()
    assert output == '' and errors.startswith('twistd: ') and sentence in errors and errors.count(
        '\n') == 1, errors
    assert names() == before


def test_help_and_version(capsys):
    """Neither needs a tap."""
    assert twistd.main(['--help']) == 0
    assert capsys.readouterr()[0].startswith('usage: twistd [options]\n')
    assert twistd.main(['--version']) == 0
    assert capsys.readouterr()[0].startswith('carryall ')


# -- looking -----------------------------------------------------------------

def test_dump_ends_with_the_command(capsys):
    """Readable, and it ends with the command that makes it."""
    assert twistd.main(['--dump', '-f', 'sample.tap']) == 0
    output = capsys.readouterr()[0]
    assert output.startswith('application sample\n  service sample: type sample, version 1\n    '
                             'crash = no\n'), output
    assert output.endswith('    made by: mktap sample\n'), output


def test_check_reports_each_problem_on_a_line(folder, loop, capsys):
    """All is well, or one line for each trouble."""
    assert twistd.main(['--check', '-f', 'sample.tap']) == 0
    assert capsys.readouterr() == ('sample can run here\n', '')
    make_tap('bad.tap', ['--path', 'none', '-p', '127.0.0.1:4'])
    loop.closed = False
    loop.listen_tcp = refuse
    assert twistd.main(['--check', '-f', 'bad.tap']) == 1
    output, errors = capsys.readouterr()
    assert output == '' and errors.splitlines() == [
        'twistd: sample: option --path: there is no folder %s' % folder.join('none'),
        'twistd: sample: cannot listen there']


def refuse(*row, **named):
    """A loop whose every port is taken."""
    raise ListenFailed(u'cannot listen there')


# -- running -----------------------------------------------------------------

def test_nodaemon_serves_until_term(loop, capsys):
    """-n: the first line on stdout, the log after it, status 0 when TERM comes; no file is left."""
    before = names()
    assert twistd.main(['-nf', 'sample.tap']) == 0
    lines = capsys.readouterr()[0].splitlines()
    assert lines[0].startswith('listening: sample on 127.0.0.1:') and lines[-1].endswith(
        'run: stopped'), lines
    assert names() == before


def test_a_signed_tap_needs_its_key(loop):
    """With its key, and not without."""
    with open('key', 'w') as target:
        target.write('0123456789abcdef')
    make_tap('signed.tap', key=b'0123456789abcdef')
    assert twistd.main(['-nf', 'signed.tap']) == 2
    assert twistd.main(['-nf', 'signed.tap', '--key', 'key']) == 0


def test_a_script_defines_the_application(folder, loop, capsys):
    """-y: an Application, or a Service, that a script defines; the script knows its own path."""
    folder.join('app.py').write(
        'import os\n'
        'from carryall.app.service import Service\n'
        'application = Service("mine")\n'
        'application.listening = lambda: [os.path.basename(__file__) + " as " + __name__]\n')
    assert twistd.main(['-ny', 'app.py']) == 0
    assert capsys.readouterr()[0].startswith('listening: app.py as __main__\n')
    assert twistd.main(['--dump', '-y', 'app.py']) == 0
    assert capsys.readouterr()[0] == 'a service made by a program: mine\n'
    folder.join('config.py').write('from carryall.app.application import Application\napplication '
                                   '= Application(u"empty")\n')
    loop.__init__([(1.0, 'TERM')])
    assert twistd.main(['-ny', 'config.py']) == 0
    assert capsys.readouterr()[0].startswith('running, and listening nowhere\n')


def test_a_package_brings_its_config_tac(folder, loop, capsys, monkeypatch):
    """-g: config.tac of a package."""
    package = folder.mkdir('found_package')
    package.join('__init__.py').write('')
    package.join('config.tac').write('from carryall.app.service import Service\napplication = '
                                     'Service("mine")\n')
    monkeypatch.setattr(sys, 'path', sys.path + [str(folder)])
    assert twistd.main(['-ng', 'found_package']) == 0
    sys.modules.pop('found_package', None)


def test_a_changed_application_is_saved_at_shutdown(loop):
    """An application that changed while it ran is saved under another name; one that did not,
    or with -o, is not."""
    def change():
        application = twistd_tasks[0].make()
        application.services[0].values[u'refuse'] = True

    twistd_tasks = []
    original = Task.__init__

    def remember(self, values):
        original(self, values)
        twistd_tasks[:] = [self]

    Task.__init__ = remember
    try:
        assert twistd.main(['-nqf', 'sample.tap']) == 0
        assert names() == ['sample.tap']
        for words, expected in ((['-nqof', 'sample.tap'], ['sample.tap']),
                                (['-nqf', 'sample.tap'], ['sample-shutdown.tap', 'sample.tap'])):
            loop.__init__([(1.0, 'TERM')])
            loop.call_later(0.5, change)
            assert twistd.main(words) == 0
            assert names() == expected
    finally:
        Task.__init__ = original
    saved = load('sample-shutdown.tap', make_registry())
    assert saved.services[0].values[u'refuse'] is True
    assert load('sample.tap', make_registry()).services[0].values[u'refuse'] is False


def run_ids(monkeypatch, words, may):
    """The (uid, gid) that the server is told to take."""
    monkeypatch.setattr(privileges, 'may_switch', lambda: may)
    monkeypatch.setattr(privileges, 'current_ids', lambda: (0 if may else 5, 5))
    task = Task(SCHEMA.parse(words))
    task._take_ids()
    return task.settings.uid, task.settings.gid


def test_only_root_becomes_the_user_of_the_tap(monkeypatch):
    """Root heeds the tap; others cannot, and serve as themselves; the command line is for both."""
    make_tap('theirs.tap', uid=1234, gid=4321)
    assert run_ids(monkeypatch, ['-f', 'theirs.tap'], True) == (1234, 4321)
    assert run_ids(monkeypatch, ['-f', 'theirs.tap'], False) == (None, None)
    assert run_ids(monkeypatch, ['-f', 'sample.tap'], True) == (None, None)
    monkeypatch.setattr(privileges, 'find_user', lambda text: (7, 8))
    monkeypatch.setattr(privileges, 'find_group', lambda text: 9)
    assert run_ids(monkeypatch, ['-f', 'theirs.tap', '--uid=x'], False) == (7, 8)
    assert run_ids(monkeypatch, ['-f', 'theirs.tap', '--uid=x', '--gid=y'], True) == (7, 9)
    assert run_ids(monkeypatch, ['-f', 'theirs.tap', '--gid=y'], True) == (None, 9)


# -- the background ----------------------------------------------------------

def detached(monkeypatch, outcome):
    """Going into the background, played: what twistd asked for."""
    asked = []

    def detach(work, words, error_log, umask, unwanted):
        asked.append((work, words, error_log))
        return outcome

    monkeypatch.setattr(daemon, 'detach', detach)
    return asked


def test_a_ready_child_ends_the_parent_with_0(monkeypatch, capsys):
    """The child's lines on stdout, status 0."""
    asked = detached(monkeypatch, daemon.Outcome(True, [u'listening: x', u'listening: caf\xe9']))
    assert twistd.main(['-f', 'sample.tap']) == 0
    output, errors = capsys.readouterr()
    assert output.startswith('listening: x\nlistening: caf') and errors == ''
    assert asked[0][1:] == ([sys.executable] + sys.argv, os.path.join(os.getcwd(), 'twistd.log'))


def test_a_failed_child_ends_the_parent_with_1(monkeypatch, capsys):
    """The child's lines on stderr, status 1; without a line, where to look."""
    detached(monkeypatch, daemon.Outcome(False, [u'port 80 is taken']))
    assert twistd.main(['-f', 'sample.tap']) == 1
    assert capsys.readouterr() == ('', 'twistd: port 80 is taken\n')
    detached(monkeypatch, daemon.Outcome(False, []))
    assert twistd.main(['-f', 'sample.tap', '-l', 'my.log']) == 1
    assert capsys.readouterr()[1] == 'twistd: it did not come up; %s may say why\n' % os.path.join(
        os.getcwd(), 'my.log')


def test_background_without_a_log_file(monkeypatch):
    """With --syslog or --chroot there is no file for the interpreter's last words."""
    monkeypatch.setattr(privileges, 'why_no_chroot', lambda: None)
    asked = detached(monkeypatch, daemon.Outcome(True, []))
    assert twistd.main(['--syslog', '-f', 'sample.tap']) == 0
    assert twistd.main(['--chroot', '.', '-f', 'sample.tap']) == 0
    assert [row[2] for row in asked] == [None, None]


def test_the_log_of_a_child_that_is_started(monkeypatch, capsys):
    """Without fork the parent opens the log: its error is one sentence, and no child is started."""
    asked = detached(monkeypatch, daemon.Outcome(True, []))
    monkeypatch.setattr(daemon, 'CAN_FORK', False)
    for log in (os.path.join(os.getcwd(), 'none', 'x.log'), os.getcwd()):
        assert twistd.main(['-f', 'sample.tap', '-l', log]) == 1
        output, errors = capsys.readouterr()
        assert errors.startswith('twistd: the log %s cannot be written: ' % log) and errors.count(
            '\n') == 1, errors
        assert output == '' and asked == []
    assert twistd.main(['-f', 'sample.tap', '-l', 'x.log']) == 0 and len(asked) == 1


def _start_with_its_umask(monkeypatch):
    """A Java without the native part of jffi gets the umask from its starter."""
    monkeypatch.setattr(privileges, '_umask_of_process', lambda: 0o077)


def test_the_child_of_a_detach(monkeypatch, loop):
    """The process that was started again does the work and reports to its pipe."""
    told = []
    report = daemon.Report(told.append, lambda: None)
    _start_with_its_umask(monkeypatch)
    monkeypatch.setattr(daemon, 'begin_session', lambda: told.append('session'))
    monkeypatch.setattr(daemon, 'detached_report', lambda: report)
    assert twistd.main(['-f', 'sample.tap', daemon.DETACHED]) == 0
    assert told[0] == 'session' and told[1].endswith(b'\0ready\n') \
        and b'listening: sample on' in told[1]
    assert names() == ['sample.tap', 'twistd.log']


def test_the_child_fails(monkeypatch, loop, expect_log):
    """A sentence to the pipe, and status 1."""
    expect_log('refuses to start')
    make_tap('bad.tap', ['--refuse'])
    told = []
    _start_with_its_umask(monkeypatch)
    monkeypatch.setattr(daemon, 'begin_session', lambda: None)
    monkeypatch.setattr(daemon, 'detached_report', lambda: daemon.Report(told.append, lambda: None))
    assert twistd.main(['-f', 'bad.tap', daemon.DETACHED]) == 1
    assert told == [b'the sample refuses to start\n\0failed\n']


def test_a_script_runs_once_in_the_background(monkeypatch, folder):
    """If the command must be started again, the parent leaves the script to the child."""
    folder.join('app.py').write('raise AssertionError("it ran")\n')
    monkeypatch.setattr(daemon, 'CAN_FORK', False)
    detached(monkeypatch, daemon.Outcome(True, []))
    assert twistd.main(['-y', 'app.py']) == 0
    monkeypatch.setattr(daemon, 'CAN_FORK', True)
    assert twistd.main(['-y', 'app.py']) == 2
