# Copyright the carryall authors.  See LICENSE.
"""A server's steps, in their order, and how each of them fails."""
from __future__ import absolute_import, division, print_function

import logging
import os
import re

import pytest

from carryall import runtimes
from carryall.commands.serverprocess import CRASH_FILE, Foreground, Settings, serve
from carryall.core.errors import CarryallError, ListenFailed
from carryall.app.service import Service
from carryall.runtimes.host import privileges
from carryall.runtimes.host.pidfile import AlreadyRunning, PidFile
from tests.commands.loops import SignalledLoop
from tests.support.umask import needs_umask, set_umask


class Report(object):
    """Notes what it is told."""

    def __init__(self):
        self.told = []

    def ready(self, lines):
        self.told.append(('ready', list(lines)))

    def failed(self, lines):
        self.told.append(('failed', list(lines)))


class Sample(Service):
    """Listens in words only."""

    def __init__(self, on_start=None):
        Service.__init__(self, 'sample')
        self._on_start = on_start

    def start(self, loop):
        if self._on_start is not None:
            self._on_start()
        Service.start(self, loop)

    def listening(self):
        return ['sample on nothing']


@pytest.fixture
def folder(tmpdir, monkeypatch):
    """The folder to run in; what a server changes of the process is put back."""
    monkeypatch.chdir(tmpdir)
    former = set_umask(0o022)
    yield tmpdir
    set_umask(former)


@pytest.fixture
def loop(monkeypatch):
    """The loop that the server gets; TERM comes after a second."""
    made = SignalledLoop([(1.0, 'TERM')])
    made.asked = []

    def choose(name=None):
        made.asked.append(name)
        logging.getLogger('carryall.runtimes').info('chosen')
        return made

    monkeypatch.setattr(runtimes, 'choose', choose)
    return made


def names(folder):
    """The names in the folder."""
    return sorted(os.listdir(str(folder)))


def messages(path):
    """The messages in a log, without times."""
    return [re.sub(r'^\S+ (\S+) +', r'\1 ', line) for line in path.read().splitlines()]


def test_a_whole_run(folder, loop):
    """Everything in place while it runs, everything gone afterwards, the log complete."""
    def look():
        assert os.getcwd() == str(folder.join('run'))
        seen.extend(names(folder.join('run')))

    seen = []
    report = Report()
    folder.mkdir('run')
    settings = Settings(backend='nio', folder=str(folder.join('run')), log_file='x.log',
                        pid_file='x.pid', drain=3.0)
    assert serve(lambda: Sample(look), settings, report) == 0
    assert seen == ['x.log', 'x.pid', 'x.pid.lock']
    assert names(folder.join('run')) == ['x.log']
    assert report.told == [('ready', [u'listening: sample on nothing'])]
    assert loop.asked == ['nio'] and loop.closed
    assert messages(folder.join('run', 'x.log')) == [
        'INFO runtimes: chosen', 'INFO run: listening: sample on nothing',
        'INFO run: stopping; connections have 3 seconds to finish', 'INFO run: stopped']


@needs_umask
def test_the_umask_is_set_before_the_service_starts(folder, loop):
    def look():
        seen.append(set_umask(0o022))

    seen = []
    assert serve(lambda: Sample(look), Settings(umask=0o077), Report()) == 0
    assert seen == [0o077]


def test_the_first_line_is_first(folder, loop, capsys):
    """On stdout, before the records of what happened earlier."""
    assert serve(Sample, Settings(log_file='-'), Foreground()) == 0
    lines = capsys.readouterr()[0].splitlines()
    assert lines[0] == 'listening: sample on nothing' and 'chosen' in lines[1], lines


def test_a_service_that_listens_nowhere(folder, loop):
    """The first line says so."""
    report = Report()
    serve(lambda: Service('idle'), Settings(), report)
    assert report.told == [('ready', [u'running, and listening nowhere'])]


def fail(error):
    """A start that fails."""
    def start():
        raise error
    return start


def test_a_port_that_is_taken(folder, loop, expect_log):
    """The report has the sentence; nothing is left behind; the caller gets the error."""
    expect_log('cannot listen on 0.0.0.0:80')
    report = Report()
    with pytest.raises(ListenFailed):
        serve(lambda: Sample(fail(ListenFailed(u'cannot listen on 0.0.0.0:80: in use'))),
              Settings(log_file='x.log', pid_file='x.pid'), report)
    assert report.told == [('failed', [u'cannot listen on 0.0.0.0:80: in use'])]
    assert names(folder) == ['x.log'] and loop.closed
    assert messages(folder.join('x.log'))[-1] == 'ERROR run: cannot listen on 0.0.0.0:80: in use'


def test_a_failure_at_the_terminal(folder, loop, capsys):
    """The caller prints the one sentence; the log around it is not shown."""
    for log_file in ('', '-'):
        with pytest.raises(ListenFailed):
            serve(lambda: Sample(fail(ListenFailed(u'in use'))), Settings(log_file=log_file),
                  Foreground())
        assert capsys.readouterr() == ('', '')


def test_a_crash_while_starting(folder, loop):
    """The traceback goes to its file, and is printed nowhere."""
    report = Report()
    with pytest.raises(CarryallError) as caught:
        serve(lambda: Sample(fail(ZeroDivisionError('secret'))), Settings(pid_file='x.pid'), report)
    assert caught.value.message == u'it crashed while starting: ZeroDivisionError (see %s)' \
        % folder.join(CRASH_FILE)
    assert report.told == [('failed', [caught.value.message])]
    assert names(folder) == [CRASH_FILE] and 'secret' in folder.join(CRASH_FILE).read()
    assert folder.join(CRASH_FILE).stat().mode & 0o777 == 0o600


def test_a_crash_while_serving(folder, loop, expect_log):
    """The same, with the pid file removed; two crashes are both in the file."""
    expect_log('crashed: ZeroDivisionError; see .*' + CRASH_FILE)
    loop.run = fail(ZeroDivisionError('secret'))
    for _ in range(2):
        loop.closed = False
        assert serve(Sample, Settings(log_file='x.log', pid_file='x.pid'), Report()) == 1
        assert loop.closed
        loop.__class__.__init__(loop)
        loop.run = fail(ZeroDivisionError('secret'))
    assert names(folder) == [CRASH_FILE, 'x.log']
    assert folder.join(CRASH_FILE).read().count('ZeroDivisionError: secret') == 2
    assert 'secret' not in folder.join('x.log').read()


def test_debug_opens_the_debugger(folder, loop, expect_log, monkeypatch):
    """On a crash, and only when asked for."""
    import pdb
    expect_log('crashed')
    opened = []
    monkeypatch.setattr(pdb, 'post_mortem', opened.append)
    loop.run = fail(ZeroDivisionError('x'))
    assert serve(Sample, Settings(debug=True), Report()) == 1
    assert len(opened) == 1 and opened[0] is not None


def test_a_running_server_is_not_disturbed(folder, loop, monkeypatch):
    """No port is bound; the pid file of the other one is not touched."""

    def claim(self):
        raise AlreadyRunning(u'it runs already')

    monkeypatch.setattr(PidFile, 'claim', claim)
    folder.join('x.pid').write('7\n')
    report = Report()
    with pytest.raises(AlreadyRunning):
        serve(lambda: Sample(fail(AssertionError('it was started'))), Settings(pid_file='x.pid'),
              report)
    assert report.told == [('failed', [u'it runs already'])] and names(folder) == ['x.pid']


@pytest.mark.parametrize('settings, words', [  # of both the report alone tells: there is no log yet
    (Settings(folder='none'), 'cannot run in none'),
    (Settings(log_file=os.path.join('none', 'x.log')), 'cannot be written')])
def test_a_missing_folder_is_refused(folder, loop, capsys, settings, words):
    """A folder that is not there."""
    report = Report()
    with pytest.raises(CarryallError) as caught:
        serve(Sample, settings, report)
    assert words in caught.value.message and report.told == [('failed', [caught.value.message])]
    assert not settings.log_file or os.path.abspath(settings.log_file) in caught.value.message
    assert capsys.readouterr() == ('', '')


def test_rights_are_given_away_after_the_ports(folder, loop, monkeypatch):
    """Bind as root, serve as somebody else; the pid file becomes theirs."""
    steps = []
    monkeypatch.setattr(privileges, 'become', lambda *row: steps.append(('become',) + row))
    monkeypatch.setattr(PidFile, 'give_to', lambda self, *row: steps.append(('give',) + row))
    settings = Settings(uid=65534, gid=65533, effective=True, pid_file='x.pid')
    assert serve(lambda: Sample(lambda: steps.append('start')), settings, Report()) == 0
    assert steps[:2] == ['start', ('give', 65534, 65533)]
    assert steps[2][:4] == ('become', 65534, 65533, True) and 65533 in steps[2][4]


def test_rights_that_are_ours_already(folder, loop, monkeypatch):
    """A tap that names its maker's uid runs without any right to change it."""
    monkeypatch.setattr(privileges, 'become', fail(AssertionError('it was called')))
    uid, gid = privileges.current_ids()
    assert serve(Sample, Settings(uid=uid, gid=gid), Report()) == 0


def test_rights_that_cannot_be_had(folder, loop, monkeypatch):
    """It does not serve with more rights than it was told to have."""

    def refuse(*row):
        raise CarryallError(u'cannot become uid 1')

    monkeypatch.setattr(privileges, 'become', refuse)
    report = Report()
    with pytest.raises(CarryallError):
        serve(Sample, Settings(uid=65534, pid_file='x.pid'), report)
    assert report.told == [('failed', [u'cannot become uid 1'])] and names(folder) == [] \
        and loop.closed


def test_the_profile_is_a_readable_table(folder, loop):
    """A readable table of where the time went."""
    assert serve(Sample, Settings(profile='x.profile'), Report()) == 0
    assert 'function calls' in folder.join('x.profile').read()


def test_settings_are_checked():
    """A name that is none is a mistake of ours."""
    with pytest.raises(TypeError):
        Settings(colour='red')


def test_a_first_line_that_cannot_be_written(folder, loop):
    """EIO of a terminal that is gone: the sentence is raised, and no pid file is left behind."""
    class Gone(Report):
        def ready(self, lines):
            raise CarryallError(u'the output cannot be written: Input/output error')

    with pytest.raises(CarryallError):
        serve(Sample, Settings(pid_file='x.pid'), Gone())
    assert os.listdir('.') == []
