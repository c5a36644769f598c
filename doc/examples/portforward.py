# Copyright the carryall authors.  See LICENSE.
"""Port 6666 of this machine leads to port 7007, where ``carryall simple --tcp echo:7007`` may be; try: nc 127.0.0.1 6666"""
from carryall import runtimes
from carryall.core.net.deadlines import sweeper_of
from carryall.protocols.portforward import Forwarder, Terms

loop = runtimes.choose()
terms = Terms(sweeper_of(loop), idle_seconds=600.0)


def connect(factory, client):
    """Where each client is led; *client* is its transport."""
    return loop.connect_tcp(factory, '127.0.0.1', 7007)


loop.listen_tcp(lambda: Forwarder(connect, terms), port=6666)
loop.run()
