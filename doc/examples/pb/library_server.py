# Copyright the carryall authors.  See LICENSE.
"""A library of Java for programs that are not on the JVM.

Run it with Jython, then library_client.py with any other runtime.  This file chooses what is
offered: java.text.Collator sorts words as people of a country do, which Python's sort does not.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.protocols import pb
from java.text import Collator
from java.util import Locale


class Library(pb.Root):
    """The part of this JVM that clients may use."""

    def remote_sorted(self, words, language):
        """The words in the order of that language."""
        collator = Collator.getInstance(Locale(language))
        return sorted(words, cmp=lambda left, right: collator.compare(left, right))

    def remote_collator(self, language):
        """An object that stays in the JVM."""
        return RemoteCollator(Collator.getInstance(Locale(language)))


class RemoteCollator(pb.Referenceable):
    """Wraps a Java object."""

    def __init__(self, collator):
        self.collator = collator

    def remote_compare(self, left, right):
        """-1, 0 or 1."""
        return self.collator.compare(left, right)


loop = runtimes.choose()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, Library()), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
