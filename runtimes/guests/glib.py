# Copyright the carryall authors.  See LICENSE.
"""A guest of GLib: the main loop of GTK 3, GTK 4 and all that is built on GLib drives ours.

    loop = GuestLoop(GLibToolkit(Gtk)).attach()     # then Gtk.main()
    loop = GuestLoop(GLibToolkit(application)).attach()         # then application.run()
    loop = GuestLoop(GLibToolkit()); loop.run()

GLib's default context watches our descriptor.  Its source may recurse, so that the loop of a modal
dialog serves us too, and it has the priority of other events.

Tests:    acceptance/cases/loops.py (tests/contract/ as the backends 'gtk3' and 'gtk4')
"""
from __future__ import absolute_import, division, print_function

import sys

from gi.repository import GLib

from carryall.core.logs import get_logger
from carryall.runtimes.guests.displayloss import XlibGuard, gdk_display
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['GLibToolkit']

log = get_logger('runtimes.guests')


class GLibToolkit(Toolkit):
    """GLib's default main context.

    Args:     main: runs the context and ends it: a ``GLib.MainLoop``, a ``Gio.Application``, or
                    the module ``Gtk`` of version 3.  Without one, each run has a MainLoop.
              name: of the backend.
    """

    def __init__(self, main=None, name='glib'):
        # type: (Any, str) -> None
        self.name = name
        self._main = main
        self._own = None            # type: Any  # the MainLoop that was made and runs
        self._watched = None        # type: Optional[int]
        self._guard = None          # type: Optional[XlibGuard]
        self._opening = False       # whether GDK tells when it opens a display

    def watch(self, descriptor, callback):
        def ready(_descriptor, _condition):
            # type: (int, Any) -> bool
            callback()
            return True             # a callback that returns anything else is removed

        self._watched = GLib.io_add_watch(descriptor, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN,
                                          ready)
        GLib.MainContext.default().find_source_by_id(self._watched).set_can_recurse(True)

    def unwatch(self):
        if self._watched is not None:
            GLib.source_remove(self._watched)
            self._watched = None

    def call_later(self, seconds, callback):
        def due():
            # type: () -> bool
            callback()
            return False

        timer = GLib.timeout_source_new(int(seconds * 1000 + 0.999))
        timer.set_callback(lambda _data: due())
        timer.attach(GLib.MainContext.default())
        return timer

    def cancel(self, timer):
        timer.destroy()

    def guard(self, lost, exits):
        gdk = sys.modules.get('gi.repository.Gdk')
        if gdk is None or self._guard is not None:
            return
        # GDK 4 has surfaces in place of windows.
        library = 'libgtk-4.so.1' if hasattr(gdk, 'Surface') else 'libgdk-3.so.0'
        display = gdk_display(library)
        if display is not None:
            self._guard = XlibGuard(display, lost)
        elif not self._opening:
            # An application opens its display when it runs.
            self._opening = True
            gdk.DisplayManager.get().connect('display-opened',
                                             lambda *_args: self.guard(lost, exits))

    def run(self):
        main = self._main
        if main is None:
            self._own = GLib.MainLoop()
            try:
                self._own.run()
            finally:
                self._own = None
        elif hasattr(main, 'main_quit'):
            main.main()
        else:
            main.run()

    def quit(self):
        main = self._own or self._main
        if main is None:
            log.warning('the loop is stopped; GLib\'s loop, which the application runs, goes on')
        elif not hasattr(main, 'main_quit'):
            main.quit()
        elif main.main_level():
            main.main_quit()

    def step(self):
        GLib.MainContext.default().iteration(True)

    def close(self):
        if self._guard is not None:
            self._guard.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
