# Copyright the carryall authors.  See LICENSE.
"""The loops, and the choice among them.

The only place for sockets, threads, signals, processes and Java.

    from carryall import runtimes
    # the best one here; runtimes.choose('poll') for a certain one
    loop = runtimes.choose()

Importing this creates nothing; ``choose`` makes a new loop each time (law L15).

Tests:    tests/runtimes/test_choice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.runtimes.registry import BACKENDS, Backend

__all__ = ['Backend', 'backends', 'choose']

log = get_logger('runtimes')


def backends():
    # type: () -> List[Backend]
    """All backends, best first: what this interpreter has, and why not the others (``.reason``)."""
    return [Backend(name) for name, _ in BACKENDS]


def choose(name=None):
    # type: (Optional[str]) -> Any
    """A new loop over the backend *name*, or over the best that this interpreter has;
    the choice is logged.

    Raises:   UsageError: there is no such backend, or it cannot run here; the message says why.
    """
    # One by one: to ask whether asyncio is here takes a tenth of a second.
    found = (Backend(each) for each, _ in BACKENDS)
    if name in (None, 'auto'):
        best = next(backend for backend in found if backend.available and backend.automatic)
        log.info('backend %s: %s', best.name, best.reason)
        return best.make()
    for backend in found:
        if backend.name == name:
            if not backend.available:
                raise UsageError(u'the backend %s cannot run here: %s' % (name, backend.reason))
            log.info('backend %s: it was asked for', name)
            return backend.make()
    raise UsageError(u'there is no backend %s; there are: %s'
                     % (name, ', '.join(each for each, _ in BACKENDS)))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
