# Copyright the carryall authors.  See LICENSE.
"""A loop in memory that gets signals, for tests of what runs services."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop


class SignalledLoop(VirtualLoop):
    """Give `signals`, rows of (seconds, name): they come after that time."""

    def __init__(self, signals=()):
        VirtualLoop.__init__(self)
        self.handlers = {}
        self.closed = False
        for seconds, name in signals:
            self.call_later(seconds, self.signal, name)

    def add_signal_handler(self, name, callback, *args):
        self.handlers[name] = lambda: callback(*args)

    def signal(self, name):
        """The process gets a signal."""
        self.handlers[name]()

    def close(self):
        self.closed = True
        VirtualLoop.close(self)
