# Copyright the carryall authors.  See LICENSE.
"""Signals to a running service."""
from __future__ import absolute_import, division, print_function

from carryall.commands.servicerun import Running
from carryall.core.errors import Unsupported
from carryall.core.future import Future, completed, failed
from carryall.app.service import Service
from tests.commands.loops import SignalledLoop


class Recorded(Service):
    """A service that takes a while to stop, and notes what happens."""

    def __init__(self, seconds=0.0):
        Service.__init__(self, 'recorded')
        self.seconds = seconds
        self.notes = []

    def start(self, loop):
        Service.start(self, loop)
        self.notes.append(('start', loop.now))

    def stop(self, seconds=0.0):
        self.notes.append(('stop', self.loop.now, seconds))
        done = Future()
        self.loop.call_later(self.seconds, done.set_result, None)
        return done

    def reload(self):
        self.notes.append(('reload', self.loop.now))

    def listening(self):
        return ['recorded on nothing']


class Output(object):
    """A LogOutput that notes what it is asked for."""

    def __init__(self):
        self.notes = []

    def reopen(self):
        self.notes.append('reopen')

    def rotate(self):
        self.notes.append('rotate')


def run(service, signals, drain=5.0, output=None, has_terminal=None, echo=0.0):
    """Runs it; the second at which it ended."""
    loop = SignalledLoop(signals)
    start = loop.now
    running = Running(service, loop, output, drain, has_terminal, echo)
    running.take_signals()
    assert running.start() == ['recorded on nothing']
    running.run()
    assert loop.failures == []
    end = loop.now - start
    running.close()
    assert loop.closed
    return end


def test_sigterm_drains_the_service():
    """It ends when the service is done, not earlier and not later."""
    for name in ('TERM', 'INT'):
        service = Recorded(2.0)
        assert run(service, [(1.0, name)]) == 3.0
        assert service.notes == [('start', 1000.0), ('stop', 1001.0, 5.0)]


def test_second_term_is_immediate():
    """A second SIGTERM ends the process at once."""
    for second in ('TERM', 'INT'):
        service = Recorded(4.0)
        assert run(service, [(1.0, 'TERM'), (2.0, second)]) == 2.0
        assert len(service.notes) == 2, 'it is not stopped twice'


def test_the_echo_of_a_signal_is_not_a_second_one():
    assert run(Recorded(3.0), [(1.0, 'INT'), (1.25, 'INT')], echo=0.5) == 4.0


def test_a_signal_after_the_echo_is_a_second_one():
    assert run(Recorded(3.0), [(1.0, 'INT'), (1.75, 'INT')], echo=0.5) == 1.75


def test_a_service_that_forgets_its_deadline():
    """It is left behind a second after the drain time."""
    assert run(Recorded(1000.0), [(1.0, 'TERM')], drain=5.0) == 7.0


def test_a_service_that_cannot_stop(expect_log):
    """An exception, at once or later, is logged; the end comes all the same."""
    class Raising(Recorded):
        def stop(self, seconds=0.0):
            raise ZeroDivisionError('no')

    class Failing(Recorded):
        def stop(self, seconds=0.0):
            return failed(ZeroDivisionError('no'))

    first = expect_log('could not be stopped')
    second = expect_log('did not stop cleanly')
    assert run(Raising(), [(1.0, 'TERM')]) == 1.0
    assert run(Failing(), [(1.0, 'TERM')]) == 1.0
    assert len(first) == 1 and len(second) == 1


def test_sighup_reopens_the_log_and_reloads():
    """The log is reopened and the service is told; it keeps serving."""
    service = Recorded()
    output = Output()
    assert run(service, [(1.0, 'HUP'), (2.0, 'HUP'), (3.0, 'TERM')], output=output) == 3.0
    assert [note[0] for note in service.notes] == ['start', 'reload', 'reload', 'stop']
    assert output.notes == ['reopen', 'reopen']


def test_sighup_reloads_while_the_terminal_is_there():
    service = Recorded()
    assert run(service, [(1.0, 'HUP'), (3.0, 'TERM')], has_terminal=lambda: True) == 3.0
    assert [note[0] for note in service.notes] == ['start', 'reload', 'stop']


def test_sighup_drains_the_service_once_the_terminal_is_gone():
    service = Recorded(2.0)
    signals = [(1.0, 'HUP'), (1.5, 'HUP')]      # of the kernel, and of the shell
    assert run(service, signals, has_terminal=lambda: False) == 3.0
    assert service.notes == [('start', 1000.0), ('stop', 1001.0, 5.0)]


def test_sigusr1_rotates_the_log():
    """Only the log is touched."""
    service = Recorded()
    output = Output()
    assert run(service, [(1.0, 'USR1'), (2.0, 'TERM')], output=output) == 2.0
    assert [note[0] for note in service.notes] == ['start', 'stop']
    assert output.notes == ['rotate']


def test_without_a_log():
    """HUP and USR1 without a log of ours."""
    service = Recorded()
    assert run(service, [(1.0, 'USR1'), (1.5, 'HUP'), (2.0, 'TERM')]) == 2.0
    assert [note[0] for note in service.notes] == ['start', 'reload', 'stop']


def test_a_failure_on_a_signal_is_logged(expect_log):
    """A log that cannot be opened, a service that cannot reload: it serves on."""
    class Broken(Recorded):
        def reload(self):
            raise ValueError('bad file')

    class NoOutput(object):
        def reopen(self):
            raise IOError(13, 'Permission denied')

        rotate = reopen

    seen = [expect_log(words)
            for words in ('log could not be reopened', 'service could not be reloaded',
                          'log could not be rotated')]
    assert run(Broken(), [(1.0, 'HUP'), (2.0, 'USR1'), (3.0, 'TERM')], output=NoOutput()) == 3.0
    assert [len(records) for records in seen] == [1, 1, 1]


def test_signals_that_the_system_lacks():
    """Windows has no HUP; the others are taken all the same."""
    class Poor(SignalledLoop):
        def add_signal_handler(self, name, callback, *args):
            if name in ('HUP', 'USR1'):
                raise Unsupported(u'no %s here' % name)
            SignalledLoop.add_signal_handler(self, name, callback, *args)

    loop = Poor()
    Running(Service('x'), loop).take_signals()
    assert sorted(loop.handlers) == ['INT', 'TERM']


def test_stop_that_is_done_at_once():
    """A service with nothing to drain ends in the same turn."""
    class Quick(Recorded):
        def stop(self, seconds=0.0):
            return completed(None)

    assert run(Quick(), [(1.0, 'TERM')]) == 1.0


class Notifier(object):
    """A systemd that notes what it is told."""

    def __init__(self):
        self.notes = []

    def ready(self, lines):
        self.notes.append('ready')

    def reloading(self):
        self.notes.append('reloading')

    def stopping(self):
        self.notes.append('stopping')


def test_hup_while_draining_tells_systemd_nothing():
    """READY after STOPPING would announce a service that runs again; only the log is reopened."""
    service = Recorded()
    output = Output()
    loop = SignalledLoop([])
    running = Running(service, loop, output, 5.0)
    running.start()
    running.notifier = Notifier()
    running.reload()
    running.stop()
    running.reload()
    assert running.notifier.notes == ['reloading', 'ready', 'stopping']
    assert output.notes == ['reopen', 'reopen']
    assert [note[0] for note in service.notes] == ['start', 'reload', 'stop']
    running.close()
