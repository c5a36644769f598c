# Copyright the carryall authors.  See LICENSE.
"""A run of services in this process: start, first line, signals, drain, end.

    INT, TERM   stop taking connections, let those that are open finish within the drain time, end
                with status 0; a second one ends at once
    HUP         reload (certificates, users ...) and reopen the log; as TERM if the terminal in
                which a person started it is gone
    USR1        rotate the log

Tests:    tests/commands/test_servicerun.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['DRAIN_SECONDS', 'Running']

DRAIN_SECONDS = 10.0        # how long connections may take to finish
LATE_SECONDS = 1.0          # on top of it, before a service that forgot its deadline is left behind

log = get_logger('run')


class Running(object):
    """One run of a service tree on a loop.

    Args:     service: a core.service.Service, stopped.
              loop:    its loop; it is closed at the end.
              output:  the LogOutput to reopen and rotate, None if there is none.
              drain:   seconds for open connections to finish.
              has_terminal: called for HUP: true while the terminal of the run is there; None if
                            it has none.
              echo:    seconds in which a second signal is the first one again: the launcher of a
                       frozen program passes on what the terminal sends to both of them.
    """

    def __init__(self, service, loop, output=None, drain=DRAIN_SECONDS, has_terminal=None,
                 echo=0.0):
        # type: (Any, Any, Any, float, Optional[Callable[[], bool]], float) -> None
        self.service = service
        self.loop = loop
        self._output = output
        self._drain = drain
        self._has_terminal = has_terminal
        self._echo = echo
        self._stopping = False
        self._impatient_from = 0.0      # from then on a signal is a second one
        # A runtimes.systemd.Notifier, where systemd wants notice.
        self.notifier = None  # type: Any

    def take_signals(self):
        # type: () -> None
        """Acts on signals from now on; one that comes before `run` is handled in its first turn."""
        for name, action in (('INT', self.stop), ('TERM', self.stop), ('HUP', self.hang_up),
                             ('USR1', self.rotate)):
            try:
                self.loop.add_signal_handler(name, action)
            except (Unsupported, ValueError) as exc:    # Windows has no HUP and no USR1
                log.debug('signal %s: %s', name, exc)

    def start(self):
        # type: () -> List[str]
        """Binds the ports; the lines that say what is listening where.

        ListenFailed says which port could not be.
        """
        self.service.start(self.loop)
        return self.service.listening()

    def run(self):
        # type: () -> None
        """Serves until `stop`."""
        self.loop.run()

    def close(self):
        # type: () -> None
        """Releases what is left."""
        self.loop.close()

    # -- signals -----------------------------------------------------------------------------------

    def stop(self):
        # type: () -> None
        """Begins to end; at once, the second time."""
        if self._stopping:
            if self.loop.time() >= self._impatient_from:
                log.info('stopping at once')
                self.loop.stop()
            return
        self._stopping = True
        self._impatient_from = self.loop.time() + self._echo
        log.info('stopping; connections have %g seconds to finish', self._drain)
        if self.notifier is not None:
            self.notifier.stopping()
        self.loop.call_later(self._drain + LATE_SECONDS, self.loop.stop)
        try:
            self.service.stop(self._drain).add_done_callback(self._drained)
        except FAILURES:
            log.exception('the service could not be stopped')
            self.loop.stop()

    def _drained(self, future):
        # type: (Any) -> None
        if future.exception() is not None:
            log.error('the service did not stop cleanly: %s', future.exception())
        self.loop.stop()

    def hang_up(self):
        # type: () -> None
        """Reloads, or stops if the terminal is gone; its shell and the system may both say so."""
        if self._has_terminal is None or self._has_terminal():
            self.reload()
        elif not self._stopping:
            self.stop()

    def reload(self):
        # type: () -> None
        """Reads again what may have changed; during a stop it only reopens the log,
        and systemd is not told."""
        if self._stopping:
            self._guarded('the log could not be reopened', self._output and self._output.reopen)
            return
        log.info('reloading')
        if self.notifier is not None:
            self.notifier.reloading()
        self._guarded('the log could not be reopened', self._output and self._output.reopen)
        self._guarded('the service could not be reloaded', self.service.reload)
        if self.notifier is not None:
            self.notifier.ready(self.service.listening())

    def rotate(self):
        # type: () -> None
        """Begins a new log file."""
        self._guarded('the log could not be rotated', self._output and self._output.rotate)

    def _guarded(self, complaint, action):
        # type: (str, Optional[Callable[[], Any]]) -> None
        if action is None:
            return
        try:
            action()
        except FAILURES:
            log.exception(complaint)
