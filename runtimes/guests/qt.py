# Copyright the carryall authors.  See LICENSE.
"""A guest of Qt 5 and 6, by PyQt or PySide: the application's event loop drives ours.

    loop = GuestLoop(QtToolkit(QtCore, app)).attach()       # then app.exec()
    loop = GuestLoop(QtToolkit(QtCore, app)); loop.run()

A QSocketNotifier watches our descriptor.  An exception that leaves a slot would end the process, so
none does.

Tests:    acceptance/cases/loops.py (tests/contract/ as the backends 'qt5' and 'qt6')
"""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.guests.availability import display_problem
from carryall.runtimes.guests.displayloss import ExitGuard
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['QtToolkit']


class QtToolkit(Toolkit):
    """The event loop of a QCoreApplication, on whose thread this is made.

    Args:     core: the module QtCore of PyQt5, PyQt6, PySide2 or PySide6.
              app: the application.
              name: of the backend.

    Attributes:
        core, app: as they were given.
    """

    one_thread = True

    def __init__(self, core, app, name='qt'):
        # type: (Any, Any, str) -> None
        self.name = name
        self.core = core
        self.app = app
        self._read = getattr(core.QSocketNotifier, 'Type', core.QSocketNotifier).Read
        # A notifier, and a timer, that nothing refers to is collected.
        self._notifier = None       # type: Any
        self._guard = None          # type: Optional[ExitGuard]
        self._status = 0            # of the last run of Qt's loop

    def watch(self, descriptor, callback):
        notifier = self.core.QSocketNotifier(descriptor, self._read)
        notifier.activated.connect(lambda *_args: callback())
        notifier.setEnabled(True)
        self._notifier = notifier

    def unwatch(self):
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None

    def call_later(self, seconds, callback):
        timer = self.core.QTimer()
        timer.setSingleShot(True)
        timer.setTimerType(self.core.Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: callback())
        timer.start(int(seconds * 1000 + 0.999))
        return timer

    def cancel(self, timer):
        timer.stop()
        timer.deleteLater()

    def guard(self, lost, exits):
        platform = getattr(self.app, 'platformName', None)
        if platform is None or platform() != 'xcb':
            return              # it has no windows, or another system's
        if self._guard is None:
            self._guard = ExitGuard(exits)
        else:
            self._guard.arm()

    def has_ended(self):
        # Qt 6.8 ends its loop with a status when it ended the process before.
        return self._status != 0 and self._guard is not None and display_problem() is not None

    def run(self):
        # py2: exec is a keyword
        run = getattr(self.app, 'exec', None) or self.app.exec_
        self._status = run()

    def quit(self):
        # Not quit(), which in Qt 6 asks the windows, and takes no for an answer.
        self.app.exit(0)

    def step(self):
        flags = getattr(self.core.QEventLoop, 'ProcessEventsFlag', self.core.QEventLoop)
        self.app.processEvents(flags.AllEvents | flags.WaitForMoreEvents)

    def close(self):
        if self._guard is not None:
            self._guard.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
