# Copyright the carryall authors.  See LICENSE.
"""Port 6666 of this machine leads to port 7007, where ``carryall serve simple --tcp echo:7007``
may listen; try: nc 127.0.0.1 6666
"""
from carryall import runtimes
from carryall.protocols.portforward import ForwardServer, ForwardService, Settings

loop = runtimes.choose()
settings = Settings(idle_seconds=600.0)


class Here(ForwardService):
    """Leads each client to a port of this machine."""

    def connect(self, factory, transport):
        """*transport* is that of the client."""
        return loop.connect_tcp(factory, '127.0.0.1', 7007)


service = Here()
loop.listen_tcp(lambda: ForwardServer(service, loop, settings), port=6666)
loop.run()
