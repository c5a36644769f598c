# Copyright the carryall authors.  See LICENSE.
"""The backend of blocking sockets: a thread for each connection, callbacks still on one.

Threads read, connect and accept by blocking, and hand over what they got; a connection whose peer
reads slowly gets a second thread for as long as that lasts.  To the loop a hand-over looks like
readiness, so that the transports of ``carryall.runtimes.readiness``, and with them every law,
are the same:

    handover.py   the Poller and the Channels
    sockets.py    blocking BSD sockets; the Java counterpart is ``carryall.runtimes.jvm.links``
"""
