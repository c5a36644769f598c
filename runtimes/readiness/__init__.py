# Copyright the carryall authors.  See LICENSE.
"""The backends that ask the system which connections are ready: select, poll, epoll, kqueue,
and Java's Selector.

They share one loop and one set of transports, over two small private contracts:

*Poller*, how to wait:
    ``watch(target)``      follow its ``wants_read`` and ``wants_write``;
                           with neither it is unregistered
    ``dispatch(timeout)``  wait, then call ``on_readable()`` and ``on_writable()`` of the targets
                           that are ready
    ``wake()``             end a dispatch that waits, from any thread; sticky
    ``close()``

*Channel*, one socket, where errnos and Java end:
    ``read(limit)``   bytes; b'' at the end; None (or a retry fault) when there is nothing now
    ``write(data)``   how many of the bytes were taken, 0 (or a retry fault) when none can be now
    and ``accept``, ``connect``, ``finish_connect``, ``shut_down_write``, ``close`` ...;
    see ``bsd.py``

A *target* is a transport or a listener: it has ``channel``, the two wishes and the two callbacks.
A callback may come that the target no longer wants (another target's callback of the same turn
changed its mind), so each looks first.
"""
