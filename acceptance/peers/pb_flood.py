# Copyright the carryall authors.  See LICENSE.
"""Connections of Perspective Broker that send the start of one giant message each, and stay; it
needs nothing of ours.

    pb_flood.py PORT COUNT OCTETS       says "sent" when no connection takes any more, and ends
                                        after a line on its input
"""
from __future__ import absolute_import, division, print_function

import select
import socket
import sys
import time

HELLO = b'\x02\x82pb' + b'\x02\x80\x13\x87\x06\x81'     # the dialect, and ['version', 6]
QUIET_SECONDS = 2.0


def main(port, count, octets):
    """Sends, then waits."""
    # A list of 655360 elements; empty lists.
    data = HELLO + b'\x00\x00\x28\x80' + b'\x00\x80' * (octets // 2)
    left = {}
    for _ in range(count):
        sock = socket.create_connection(('127.0.0.1', port))
        sock.setblocking(False)
        left[sock] = 0
    open_ones = list(left)
    quiet = time.time()
    while open_ones and time.time() - quiet < QUIET_SECONDS:
        _, writable, _ = select.select([], open_ones, [], 0.1)
        for sock in writable:
            quiet = time.time()
            try:
                left[sock] += sock.send(data[left[sock]:left[sock] + 65536])
            except (OSError, socket.error):
                open_ones.remove(sock)
                continue
            if left[sock] == len(data):
                open_ones.remove(sock)
    print('sent %d octets' % sum(left.values()))
    sys.stdout.flush()
    time.sleep(60.0)


if __name__ == '__main__':
    main(*[int(word) for word in sys.argv[1:]])
