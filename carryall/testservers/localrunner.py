# Copyright the carryall authors.  See LICENSE.
"""LocalRunner: servers for tests on a loop in a thread of this process.

Tests:    tests/house/testservers/test_runners.py
"""
from __future__ import absolute_import, division, print_function

import threading

from carryall import runtimes
from carryall.commands.catalogue import KINDS, known_types
from carryall.embedded import Certificates, ask_loop
from carryall.services.testservers import ServerSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['LocalRunner']

ANSWER_SECONDS = 30.0       # for an answer of the loop's thread


class LocalRunner(object):
    """Runs servers in this process; a context manager.

    Args:     certificates: a Certificates to share; one of its own if not given.
              backend: of the loop; the best one if not given.

    Attributes:
        here: True; objects of this process can be served, and nothing is refused.
    """

    here = True
    refuse = None               # type: Any

    def __init__(self, certificates=None, backend=None):
        # type: (Optional[Certificates], Optional[str]) -> None
        self._own = Certificates() if certificates is None else None
        self.certificates = certificates or self._own       # type: Any
        self._loop = runtimes.choose(backend)
        self._servers = ServerSet(self._loop, known_types(), KINDS)
        self._calling = threading.Lock()        # direct calls come one at a time
        self._thread = threading.Thread(target=self._loop.run, name='carryall test servers')
        self._thread.daemon = True
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        # type: () -> None
        """Ends all servers, the loop and its thread."""
        try:
            self._ask(ANSWER_SECONDS, self._servers.close)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(ANSWER_SECONDS)
            self._loop.close()
            if self._own is not None:
                self._own.close()

    def begin(self, kind, options):
        # type: (str, Any) -> Any
        """Starts a server; (number, places)."""
        return self._ask(ANSWER_SECONDS, self._servers.begin, kind, options)

    def restart(self, number, options):
        # type: (int, Any) -> Any
        """Starts a server again; its places."""
        return self._ask(ANSWER_SECONDS, self._servers.restart, number, options)

    def stop(self, number):
        # type: (int) -> None
        """Stops a server."""
        self._ask(ANSWER_SECONDS, self._servers.stop, number)

    def end(self, number):
        # type: (int) -> None
        """Stops a server for good."""
        self._ask(ANSWER_SECONDS, self._servers.end, number)

    def call(self, number, name, seconds, options):
        # type: (int, str, float, Any) -> Any
        """The value of a server's call.

        Args:     seconds: that the call itself may take.
        """
        if self._servers.is_direct(number, name):
            with self._calling:
                return self._servers.call(number, name, options)
        return self._ask(seconds + ANSWER_SECONDS, self._servers.call, number, name,
                         options)

    def _ask(self, seconds, function, *args):
        # type: (float, Callable[..., Any], *Any) -> Any
        """The value that *function* returns on the loop's thread, or that of its Future."""
        return ask_loop(self._loop, seconds, function, *args)
