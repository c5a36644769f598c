# Copyright the carryall authors.  See LICENSE.
"""kqueue(2) built on poll(2), as far as KqueuePoller asks for it,
for systems that have none (RT-03).

It is strict where the kernel is: a filter that is deleted must have been added,
and one event tells of one filter.
"""
from __future__ import absolute_import, division, print_function

import errno
import select as real

__all__ = ['FakeSelect']


class kevent(object):
    """One change, or one event."""

    def __init__(self, ident, filter, flags=1):
        self.ident = ident
        self.filter = filter
        self.flags = flags


class kqueue(object):
    """The queue: (descriptor, filter) pairs, asked for by poll."""

    def __init__(self):
        self._added = set()
        self._poll = real.poll()
        self.closed = False

    def control(self, changes, maximum, timeout=None):
        """Applies the changes, then waits for *maximum* events at the most."""
        assert not self.closed, 'the queue is closed'
        for change in changes or ():
            self._change(change)
        if not maximum:
            return []
        events = []
        for descriptor, mask in self._poll.poll(
                None if timeout is None else int(timeout * 1000 + 0.999)):
            broken = mask & (real.POLLERR | real.POLLHUP)
            if (descriptor, FakeSelect.KQ_FILTER_READ) in self._added \
                    and (mask & real.POLLIN or broken):
                events.append(kevent(descriptor, FakeSelect.KQ_FILTER_READ))
            if (descriptor, FakeSelect.KQ_FILTER_WRITE) in self._added \
                    and (mask & real.POLLOUT or broken):
                events.append(kevent(descriptor, FakeSelect.KQ_FILTER_WRITE))
        return events[:maximum]

    def _change(self, change):
        pair = change.ident, change.filter
        if change.flags == FakeSelect.KQ_EV_ADD:
            self._added.add(pair)
        elif pair in self._added:
            self._added.discard(pair)
        else:
            raise OSError(errno.ENOENT, 'this filter was never added')
        mask = 0
        if (change.ident, FakeSelect.KQ_FILTER_READ) in self._added:
            mask |= real.POLLIN
        if (change.ident, FakeSelect.KQ_FILTER_WRITE) in self._added:
            mask |= real.POLLOUT
        if mask:
            self._poll.register(change.ident, mask)
        else:
            self._poll.unregister(change.ident)

    def close(self):
        """Closes it."""
        self.closed = True


class FakeSelect(object):
    """A stand-in for the module ``select``."""

    KQ_FILTER_READ = -1
    KQ_FILTER_WRITE = -2
    KQ_EV_ADD = 1
    KQ_EV_DELETE = 2
    kqueue = kqueue
    kevent = kevent
    error = real.error
