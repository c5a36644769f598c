# Copyright the carryall authors.  See LICENSE.
"""Which toolkits can drive our loop here, and how to make a loop for each; none is imported before
it is asked for.

A toolkit must be the only one of its process: each waits for all events itself.

Tests:    tests/runtimes/guests/test_availability.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.errors import UsageError
from carryall.runtimes.platform import ON_JVM

__all__ = ['GUESTS', 'display_problem']

DISPLAY_SECONDS = 2.0       # for an X server to take a connection
X_PORT = 6000               # X11: the port of display 0
OLDEST_TRIO = (0, 20)
OLDEST_WX = (4, 0)
OLDEST_QT = {'qt5': (5, 9), 'qt6': (6, 0)}
BINDINGS = {'qt5': ('PyQt5', 'PySide2'), 'qt6': ('PyQt6', 'PySide6')}
# Platforms of Qt that draw nowhere.
QT_ALONE = ('offscreen', 'minimal', 'vnc')
# Modules that are there once a toolkit is in use, and its name.
_IN_USE = (('tkinter', u'Tk'), ('gi.repository.Gtk', u'GTK'), ('PyQt5.QtWidgets', u'PyQt5'),
           ('PyQt6.QtWidgets', u'PyQt6'), ('PySide2.QtWidgets', u'PySide2'),
           ('PySide6.QtWidgets', u'PySide6'), ('wx', u'wx'))


def _module_here(name):
    # type: (str) -> bool
    """True if the module could be imported; it is not."""
    if name in sys.modules:
        return sys.modules[name] is not None
    try:
        from importlib.util import find_spec
    except ImportError:             # py2: no such module; the toolkits of today need Python 3
        return False
    return find_spec(name) is not None


def _missing(modules, packages):
    # type: (Sequence[str], str) -> Optional[str]
    """A sentence if none of *modules* is here."""
    if ON_JVM:
        return u'on a JVM there is swing'
    if any(_module_here(name) for name in modules):
        return None
    return u'this Python has no module %s; %s' % (u' and no module '.join(modules), packages)


def display_problem():
    # type: () -> Optional[str]
    """A sentence if no window can be opened here; None if one can."""
    # Java asks its display itself, and raises what ``_swing`` tells.
    if ON_JVM or sys.platform in ('win32', 'cygwin', 'darwin') \
            or os.environ.get('WAYLAND_DISPLAY'):
        return None
    name = os.environ.get('DISPLAY', '')
    if not name:
        return u'there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set'
    host, _, number = name.rpartition(':')
    number = number.split('.')[0]
    if not number.isdigit():
        return u'DISPLAY is %s, which names no display' % name
    try:
        _connect_display(host, int(number))
    except EnvironmentError as exc:         # socket.error is one
        return u'the display %s does not answer: %s' % (name, exc)
    return None


def _connect_display(host, number):
    # type: (str, int) -> None
    """Connects to an X server, as a toolkit that ends the process if it cannot would."""
    import socket               # jython: its own opens Selectors when it is imported
    if host and not host.startswith('/') and host != 'unix':
        socket.create_connection((host, X_PORT + number), DISPLAY_SECONDS).close()
        return
    path = '/tmp/.X11-unix/X%d' % number
    failure = None
    # Linux has it under an abstract name too, where no folder is shared.
    for each in (path, '\0' + path):
        door = socket.socket(socket.AF_UNIX)
        door.settimeout(DISPLAY_SECONDS)
        try:
            door.connect(each)
            return
        except socket.error as exc:
            failure = failure or exc
        finally:
            door.close()
    if failure is not None:
        raise failure


def _other_toolkit(own):
    # type: (Sequence[str]) -> Optional[str]
    """A sentence if another toolkit is in use in this process."""
    for module, name in _IN_USE:
        if sys.modules.get(module) is not None and name not in own:
            return u'%s is in use in this process, and each toolkit waits for events itself' % name
    return None


def _refused(problem):
    # type: (Optional[str]) -> None
    if problem is not None:
        raise UsageError(problem)


def _here(problems, reason):
    # type: (Sequence[Optional[str]], str) -> Tuple[bool, str]
    for problem in problems:
        if problem is not None:
            return False, problem
    return True, reason


def _guest(toolkit):
    # type: (Any) -> Any
    from carryall.runtimes.guests.guestloop import GuestLoop
    return GuestLoop(toolkit)


# -- Tk --------------------------------------------------------------------------------------------

def _tk_here():
    # type: () -> Tuple[bool, str]
    package = u'Debian has it as python3-tk, for PyPy as pypy3-tk'
    return _here([_missing(['tkinter'], package), _missing(['_tkinter'], package),
                  _other_toolkit([u'Tk'])], u'a guest of Tk\'s loop')


def _tk():
    # type: () -> Any
    from carryall.runtimes.guests.tk import TkToolkit
    return _guest(TkToolkit())


# -- GTK -------------------------------------------------------------------------------------------

def _gtk_here(version):
    # type: (int) -> Tuple[bool, str]
    return _here([_missing(['gi'], u'Debian has it as python3-gi'),
                  display_problem(), _other_gtk(version)],
                 u'a guest of the loop of GTK %d' % version)


def _other_gtk(version):
    # type: (int) -> Optional[str]
    problem = _other_toolkit([u'GTK'])
    gtk = sys.modules.get('gi.repository.Gtk')
    if problem is None and gtk is not None and getattr(gtk, 'MAJOR_VERSION', version) != version:
        return u'GTK %s is in use in this process, and has no room for another version' \
            % getattr(gtk, 'MAJOR_VERSION')
    return problem


def _gtk(version):
    # type: (int) -> Any
    _refused(display_problem())
    _refused(_other_gtk(version))
    import gi
    try:
        gi.require_version('Gtk', '%d.0' % version)
        from gi.repository import Gtk
    except (ValueError, ImportError) as exc:
        raise UsageError(u'GTK %d cannot be used: %s; Debian has it as gir1.2-gtk-%d.0'
                         % (version, exc, version))
    started = Gtk.init_check() if version > 3 else Gtk.init_check(None)
    # GTK 3 answers with the arguments that are left, too.
    if not (started[0] if isinstance(started, tuple) else started):
        raise UsageError(u'GTK %d could not open the display %s'
                         % (version, os.environ.get('DISPLAY', u'(none is set)')))
    from carryall.runtimes.guests.glib import GLibToolkit
    return _guest(GLibToolkit(Gtk if version == 3 else None, 'gtk%d' % version))


# -- Qt --------------------------------------------------------------------------------------------

def _qt_here(name):
    # type: (str) -> Tuple[bool, str]
    packages = u'PyPI has it as %s' % u' and as '.join(BINDINGS[name])
    return _here([_missing(BINDINGS[name], packages), _qt_display(),
                  _other_toolkit(BINDINGS[name])], u'a guest of the loop of Qt %s' % name[-1])


def _qt_display():
    # type: () -> Optional[str]
    platform = os.environ.get('QT_QPA_PLATFORM', '').split(':')[0]
    return None if platform in QT_ALONE else display_problem()


def _qt(name):
    # type: (str) -> Any
    # Qt ends the process if there is no display, so it is asked before.
    _refused(_qt_display())
    _refused(_other_toolkit(BINDINGS[name]))
    failures = []
    for binding in _in_order(BINDINGS[name]):
        if not _module_here(binding):
            continue
        try:
            package = __import__(binding, fromlist=['QtCore', 'QtWidgets'])
            core = package.QtCore
            widgets = package.QtWidgets
        except (ImportError, AttributeError) as exc:
            failures.append(u'%s: %s' % (binding, exc))
            continue
        version = core.qVersion()
        if tuple(int(part) for part in version.split('.')[:2]) < OLDEST_QT[name]:
            failures.append(u'%s has Qt %s, which is too old' % (binding, version))
            continue
        app = core.QCoreApplication.instance() or widgets.QApplication(['carryall'])
        from carryall.runtimes.guests.qt import QtToolkit
        return _guest(QtToolkit(core, app, name))
    raise UsageError(u'Qt %s cannot be used: %s' % (name[-1], u'; '.join(failures)))


def _in_order(bindings):
    # type: (Sequence[str]) -> List[str]
    """The binding that is imported already first, then the one that QT_API names: programs for
    several bindings choose theirs by that variable."""
    wanted = os.environ.get('QT_API', '').lower()
    return sorted(bindings, key=lambda each: (each not in sys.modules, each.lower() != wanted))


# -- wx --------------------------------------------------------------------------------------------

def _wx_here():
    # type: () -> Tuple[bool, str]
    return _here([_missing(['wx'], u'Debian has it as python3-wxgtk4.0, PyPI as wxPython'),
                  display_problem(), _other_toolkit([u'wx'])], u'a guest of the loop of wx')


def _wx():
    # type: () -> Any
    # Without a display wx.App raises SystemExit, so it is asked before.
    _refused(display_problem())
    _refused(_other_toolkit([u'wx']))
    import wx
    if wx.VERSION[:2] < OLDEST_WX:
        raise UsageError(u'wx %s is too old: 4.0 or later is needed' % wx.__version__)
    app = wx.GetApp() or wx.App(False)
    from carryall.runtimes.guests.wx import WxToolkit
    return _guest(WxToolkit(app))


# -- Swing -----------------------------------------------------------------------------------------

def _swing_here():
    # type: () -> Tuple[bool, str]
    if not ON_JVM:
        return False, u'Swing needs Jython, on a JVM'
    from java.lang import Class, ClassNotFoundException
    try:
        Class.forName('javax.swing.SwingUtilities')
    except ClassNotFoundException:
        return False, u'this Java was built without java.desktop'
    return True, u'a guest of Swing\'s event dispatch thread'


def _swing():
    # type: () -> Any
    from java.awt import AWTError
    from carryall.runtimes.guests.swing import SwingToolkit
    try:
        return _guest(SwingToolkit())
    except AWTError as exc:             # once for each JVM, which does not ask again
        raise UsageError(u'Swing cannot be used: %s; without DISPLAY it serves without windows'
                         % exc.getMessage())


# -- Windows, trio ---------------------------------------------------------------------------------

def _win32_here():
    # type: () -> Tuple[bool, str]
    if sys.platform != 'win32':
        return False, u'there are message loops on Windows alone'
    return True, u'a guest of a message loop of Windows'


def _win32():
    # type: () -> Any
    from carryall.runtimes.guests.win32 import Win32Toolkit
    return _guest(Win32Toolkit())


def _trio_here():
    # type: () -> Tuple[bool, str]
    return _here([_missing(['trio'], u'PyPI has it as trio')], u'a guest of trio\'s loop')


def _trio():
    # type: () -> Any
    import trio
    version = trio.__version__
    if tuple(int(part) for part in version.split('.')[:2]) < OLDEST_TRIO:
        raise UsageError(u'trio %s is too old: 0.20 or later is needed' % version)
    from carryall.runtimes.guests.trio_py3 import TrioToolkit
    return _guest(TrioToolkit())


# (name, (whether it can run here, how to make a loop, whether it may be chosen unasked))
GUESTS = (
    ('trio', (_trio_here, _trio, False)),
    ('tk', (_tk_here, _tk, False)),
    ('gtk3', (lambda: _gtk_here(3), lambda: _gtk(3), False)),
    ('gtk4', (lambda: _gtk_here(4), lambda: _gtk(4), False)),
    ('qt5', (lambda: _qt_here('qt5'), lambda: _qt('qt5'), False)),
    ('qt6', (lambda: _qt_here('qt6'), lambda: _qt('qt6'), False)),
    ('wx', (_wx_here, _wx, False)),
    ('swing', (_swing_here, _swing, False)),
    ('win32', (_win32_here, _win32, False)),
)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
