# Copyright the carryall authors.  See LICENSE.
"""A modal dialog of each toolkit, which is open as long as a condition holds."""
from __future__ import absolute_import, division, print_function

from carryall import runtimes
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.platform import ON_JVM
from tests.runtimes.guests.fake_toolkit import FakeToolkit

__all__ = ['DIALOGS', 'Dialog', 'chosen', 'make']

LOOK_MILLISECONDS = 2       # between two looks at the condition

_roots = []                 # of Tk: one for all tests


def chosen(config):
    """The toolkits that --backend names; a fake if it names none."""
    names = [name for name in config.getoption('--backend') or () if name in DIALOGS]
    return names or ([] if ON_JVM else ['fake'])


def make(name, hosts=False):
    """A guest of that toolkit with which windows can be opened.

    Args:     hosts: whether our loop drives the toolkit's.
    """
    return GuestLoop(_toolkit(name), hosts=hosts)


def _toolkit(name):
    if name == 'fake':
        return FakeToolkit()
    if name == 'tk':
        import tkinter
        from carryall.runtimes.guests.tk import TkToolkit
        if not _roots:
            _roots.append(tkinter.Tk())
        return TkToolkit(_roots[0])
    if name == 'swing':
        from carryall.runtimes.guests.swing import SwingToolkit
        return SwingToolkit()
    # This makes the QApplication, the wx.App, or loads the right GTK.
    loop = runtimes.choose(name)
    loop.close()
    if name == 'wx':
        import wx
        from carryall.runtimes.guests.wx import WxToolkit
        return WxToolkit(wx.GetApp())
    if name in ('gtk3', 'gtk4'):
        from gi.repository import Gtk
        from carryall.runtimes.guests.glib import GLibToolkit
        return GLibToolkit(Gtk if name == 'gtk3' else None, name)
    from carryall.runtimes.guests.qt import QtToolkit
    # Else the end of a dialog that is the only window ends the application.
    loop.toolkit.app.setQuitOnLastWindowClosed(False)
    return QtToolkit(loop.toolkit.core, loop.toolkit.app, name)


class Dialog(object):
    """Opens a dialog of the toolkit until ``closed`` is set."""

    def __init__(self, loop, toolkit):
        self.closed = False
        self.is_open = False
        self.ended = False
        self._loop = loop
        self._toolkit = toolkit

    def open(self):
        """Returns when it is closed."""
        self.is_open = True
        DIALOGS[self._toolkit](self._loop, lambda: not self.closed)
        self.is_open = False
        self.ended = True


def _fake(loop, is_open):
    loop.toolkit.dialog(is_open)


def _tk(_loop, is_open):
    import tkinter
    root = _roots[0]
    top = tkinter.Toplevel(root)
    top.wait_visibility()
    top.grab_set()

    def look():
        if is_open():
            root.after(LOOK_MILLISECONDS, look)
        else:
            top.destroy()

    root.after(LOOK_MILLISECONDS, look)
    root.wait_window(top)


def _gtk3(_loop, is_open):
    from gi.repository import GLib, Gtk
    dialog = Gtk.Dialog(title='question')

    def look():
        if is_open():
            return True
        dialog.response(1)
        return False

    GLib.timeout_add(LOOK_MILLISECONDS, look)
    dialog.run()
    dialog.destroy()


def _gtk4(_loop, is_open):
    from gi.repository import GLib, Gtk
    window = Gtk.Window(title='question', modal=True)
    window.present()
    inner = GLib.MainLoop()

    def look():
        if is_open():
            return True
        inner.quit()
        return False

    GLib.timeout_add(LOOK_MILLISECONDS, look)
    inner.run()
    window.destroy()


def _qt(loop, is_open):
    import importlib
    core = loop.toolkit.core
    widgets = importlib.import_module(core.__name__.split('.')[0] + '.QtWidgets')
    dialog = widgets.QDialog()
    timer = core.QTimer()
    timer.timeout.connect(lambda: None if is_open() else dialog.accept())
    timer.start(LOOK_MILLISECONDS)
    run = getattr(dialog, 'exec', None) or dialog.exec_
    run()
    timer.stop()


def _wx(_loop, is_open):
    import wx
    dialog = wx.Dialog(None, title='question')

    def look():
        if is_open():
            wx.CallLater(LOOK_MILLISECONDS, look)
        else:
            dialog.EndModal(1)

    wx.CallLater(LOOK_MILLISECONDS, look)
    dialog.ShowModal()
    dialog.Destroy()


def _swing(_loop, is_open):
    from java.awt import Dialog
    from javax.swing import JDialog, Timer
    dialog = JDialog(None, 'question', Dialog.ModalityType.APPLICATION_MODAL)
    timers = []

    def look(_event):
        if not is_open():
            timers[0].stop()
            dialog.dispose()

    timers.append(Timer(LOOK_MILLISECONDS, look))
    timers[0].start()
    dialog.setVisible(True)


DIALOGS = {'fake': _fake, 'tk': _tk, 'gtk3': _gtk3, 'gtk4': _gtk4, 'qt5': _qt, 'qt6': _qt,
           'wx': _wx, 'swing': _swing}
