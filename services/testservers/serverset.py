# Copyright the carryall authors.  See LICENSE.
"""ServerSet: the servers of one loop, begun, called and ended by number.

Tests:    tests/services/testservers/test_serverset.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import UsageError
from carryall.core.future import gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Tuple
    from carryall.core.future import Future

__all__ = ['ServerSet']


class ServerSet(object):
    """Servers on one loop; every method is called on its thread, except for direct calls.

    Args:     types: the Registry of the types of service.
              kinds: (name, module) pairs; the ``make`` of a module takes the options of a server.
                     A module is imported when a server of its kind begins.
    """

    def __init__(self, loop, types, kinds):
        # type: (Any, Any, Iterable[Tuple[str, str]]) -> None
        self._loop = loop
        self._types = types
        self._kinds = dict(kinds)
        self._servers = {}          # type: Dict[int, Any]
        self._number = 0

    def begin(self, kind, values):
        # type: (str, Dict[str, Any]) -> Tuple[int, List[Any]]
        """Starts a server; its number and its places.

        Raises:   UsageError: there is no such kind or option; ListenFailed: the port is taken.
        """
        if kind not in self._kinds:
            raise UsageError(u'there is no server %s for tests; there are %s'
                             % (kind, u', '.join(sorted(self._kinds))))
        if kind == 'type':
            values = dict(values, type=self._types.get(values['type']))
        service = __import__(self._kinds[kind], None, None, ['make']).make(values)
        service.start(self._loop)
        self._number += 1
        self._servers[self._number] = service
        return self._number, service.places()

    def restart(self, number, values):
        # type: (int, Dict[str, Any]) -> Any
        """Stops a server if it runs, and starts it on the same ports; a Future of its places.

        Args:     values: those that change; what was kept stays.
        """
        service = self._find(number)

        def again(_):
            # type: (Any) -> Any
            service.change(values)
            service.start(self._loop)
            return service.places()

        return service.stop().then(again)

    def stop(self, number):
        # type: (int) -> Future
        """Closes the ports and connections of a server; it can be asked and restarted still."""
        return self._find(number).stop()

    def end(self, number):
        # type: (int) -> Future
        """Stops a server for good."""
        return self._servers.pop(number).stop()

    def call(self, number, name, values):
        # type: (int, str, Dict[str, Any]) -> Any
        """The result of a server's call: a plain value or a Future of one."""
        call = self._find(number).calls().get(name)
        if call is None:
            raise UsageError(u'a server of this kind cannot %s' % name)
        return call(**values)

    def is_direct(self, number, name):
        # type: (int, str) -> bool
        """True if any thread may make that call, one at a time."""
        return name in self._find(number).direct

    def service(self, number):
        # type: (int) -> Any
        """The service itself, for callers on the loop's thread."""
        return self._find(number)

    def close(self):
        # type: () -> Future
        """Ends all servers."""
        return gather([self.end(number) for number in sorted(self._servers)])

    def _find(self, number):
        # type: (int) -> Any
        service = self._servers.get(number)
        if service is None:
            raise UsageError(u'server %d has ended' % number)
        return service
