# Copyright the carryall authors.  See LICENSE.
"""The backend of blocking sockets: a thread for each connection, callbacks still on one.

Threads block to read, connect and accept, and pass the results to the loop.  A connection whose
peer reads slowly has a second thread for that time.  To the loop a result looks like readiness.  So
the transports are those of ``carryall.runtimes.readiness``, and every law holds:

    channels.py   the Poller and the Channels
    sockets.py    blocking BSD sockets; the Java counterpart is ``carryall.runtimes.jvm.links``
"""
