# Copyright the carryall authors.  See LICENSE.
"""The end of a display: Xlib's handlers with a libX11 that is a fake, exit(3) in real processes,
and the loop that goes on."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.platform import ON_JVM
from tests.contract.support import connected, until
from tests.runtimes.guests.fake_toolkit import FakeToolkit

if ON_JVM:
    pytest.skip('Java ends with its display', allow_module_level=True)

from carryall.runtimes.guests import displayloss        # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
DISPLAY = 4711              # the Xlib pointers of two displays
OTHER = 4712


class FakeXlib(object):
    """libX11, whose displays have the write end of a pipe as connection."""

    def __init__(self):
        self.handlers = {}
        self.before = []            # displays that the toolkit's own handler was told of
        self.descriptor = -1
        self._io_error = None

        def set_io_error(handler):
            self._io_error = handler
            return self.before.append

        def set_exit(display, handler, _data):
            self.handlers[display] = handler

        self.XSetIOErrorHandler = set_io_error
        self.XSetIOErrorExitHandler = set_exit
        self.XConnectionNumber = lambda _display: self.descriptor

    def die(self, display):
        """The connection to a display breaks, as Xlib tells it."""
        exits = self.handlers.get(display)
        self._io_error(display)
        if exits is not None:
            exits(display, None)


@pytest.fixture
def library():
    """A fake with a connection that is open."""
    made = FakeXlib()
    reader, made.descriptor = os.pipe()
    yield made
    os.close(reader)
    os.close(made.descriptor)


@pytest.fixture
def handlers(library, monkeypatch):
    """The handlers of a process with that library."""
    made = displayloss._Xlib(library)
    monkeypatch.setattr(displayloss, '_process', [made])
    yield made
    for descriptor in made._pipe or ():
        os.close(descriptor)


def test_the_end_of_a_guarded_display_is_told(library, handlers):
    seen = []
    displayloss.XlibGuard(DISPLAY, lambda: seen.append('lost'))
    library.die(DISPLAY)
    assert seen == ['lost']


def test_the_toolkits_own_handler_is_not_asked_of_a_guarded_display(library, handlers):
    displayloss.XlibGuard(DISPLAY, lambda: None)
    library.die(DISPLAY)
    assert library.before == []


def test_the_dead_connection_is_never_readable_again(library, handlers):
    import select
    displayloss.XlibGuard(DISPLAY, lambda: None)
    library.die(DISPLAY)
    assert select.select([library.descriptor], [], [], 0)[0] == []


def test_two_loops_of_one_display_are_both_told(library, handlers):
    seen = []
    displayloss.XlibGuard(DISPLAY, lambda: seen.append(1))
    displayloss.XlibGuard(DISPLAY, lambda: seen.append(2))
    library.die(DISPLAY)
    assert seen == [1, 2]


def test_a_closed_guard_is_not_told(library, handlers):
    seen = []
    kept = displayloss.XlibGuard(DISPLAY, lambda: seen.append('kept'))
    closed = displayloss.XlibGuard(DISPLAY, lambda: seen.append('closed'))
    closed.close()
    closed.close()
    library.die(DISPLAY)
    assert seen == ['kept']
    kept.close()


def test_another_display_goes_to_the_toolkits_own_handler(library, handlers, monkeypatch):
    monkeypatch.setattr(library, 'XSetIOErrorHandler',
                        lambda handler: setattr(library, '_io_error', handler)
                        or (lambda display: library.before.append(display) or 0))
    displayloss.XlibGuard(DISPLAY, lambda: None)
    library.die(OTHER)
    assert library.before == [OTHER]


def test_an_old_xlib_cannot_go_on(library, monkeypatch):
    del library.XSetIOErrorExitHandler
    monkeypatch.setattr(displayloss, '_process', [displayloss._Xlib(library)])
    assert displayloss.xlib() is None


def test_a_guard_without_xlib_does_nothing(library, monkeypatch):
    del library.XSetIOErrorExitHandler
    monkeypatch.setattr(displayloss, '_process', [displayloss._Xlib(library)])
    displayloss.XlibGuard(DISPLAY, lambda: None).close()
    assert library.handlers == {}


EXITS = '''
import ctypes, sys
sys.path.insert(0, %r)
from carryall.runtimes.guests.displayloss import ExitGuard
guard = ExitGuard(lambda: (print('served on'), sys.stdout.flush()))
'''
glibc = pytest.mark.skipif(not sys.platform.startswith('linux') or sys.version_info[0] == 2,
                           reason='toolkits that call exit(3) need Python 3')


def ended(text):
    """(status, output) of a Python that runs that after it made a guard."""
    child = subprocess.Popen([sys.executable, '-c', EXITS % (ROOT,) + text],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = child.communicate()[0]
    return child.returncode, said


@glibc
def test_exit_of_the_c_library_calls_the_guard_and_ends_with_its_status():
    assert ended('ctypes.CDLL(None).exit(7)') == (7, b'served on\n')


@glibc
def test_the_usual_end_of_python_does_not_call_the_guard():
    assert ended('') == (0, b'')


@glibc
def test_a_guard_that_was_armed_again_is_called_once():
    assert ended('guard.arm(); guard.arm(); ctypes.CDLL(None).exit(3)') == (3, b'served on\n')


@glibc
def test_a_closed_guard_is_not_called_by_exit():
    assert ended('guard.close(); ctypes.CDLL(None).exit(3)') == (3, b'')


# -- the loop --------------------------------------------------------------------------------------

class Mortal(FakeToolkit):
    """A toolkit whose display can end."""

    lost = None
    exits = None
    ended = False

    def guard(self, lost, exits):
        self.lost = lost
        self.exits = exits

    def has_ended(self):
        return self.ended


@pytest.fixture
def toolkit():
    return Mortal()


@pytest.fixture
def loop(toolkit):
    made = GuestLoop(toolkit)
    yield made
    made.close()


def test_the_end_of_the_display_is_logged_and_connections_go_on(loop, toolkit, expect_log):
    seen = expect_log('the display of fake is gone')
    pair = connected(loop)
    toolkit.lost()
    pair.client.transport.write(b'still here')
    until(loop, lambda: pair.server.data == b'still here')
    assert len(seen) == 1


def test_a_program_may_end_with_its_display(loop, toolkit, expect_log):
    expect_log('the display of fake is gone')
    loop.on_display_lost = loop.stop
    loop.call_later(0.005, lambda: toolkit.lost())
    loop.run()
    assert not loop.running


def test_a_toolkit_that_exits_is_kept_until_the_loop_is_stopped(loop, toolkit, expect_log):
    expect_log('the display of fake is gone')
    pair = connected(loop)
    seen = []

    def exits():
        loop.call_later(0.005, pair.client.transport.write, b'within')
        loop.call_later(0.02, loop.stop)
        toolkit.exits()
        seen.append(pair.server.data)
        toolkit.quit()              # here the process would end

    toolkit.call_later(0.0, exits)
    loop.run()
    assert seen == [b'within']


def test_a_toolkit_that_exits_after_a_stop_is_not_kept(loop, toolkit):
    seen = []

    def exits():
        loop.stop()
        toolkit.exits()
        seen.append('exited')

    toolkit.call_later(0.0, exits)
    loop.run()
    assert seen == ['exited']


@pytest.mark.parametrize('hosts', [False, True])
def test_a_loop_whose_toolkit_has_ended_goes_on_alone(toolkit, expect_log, hosts):
    expect_log('the display of fake is gone')
    loop = GuestLoop(toolkit, hosts=hosts)
    seen = []

    def end():
        toolkit.ended = True
        toolkit.quit()
        loop.call_later(0.01, seen.append, 'a timer of ours')
        loop.call_later(0.02, loop.stop)

    toolkit.call_later(0.0, end)
    loop.run()
    loop.close()
    assert seen == ['a timer of ours']
