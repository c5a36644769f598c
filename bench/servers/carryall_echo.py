# Copyright the carryall authors.  See LICENSE.
"""Our loop with a protocol that sends back what came.

    carryall_echo.py echo [--backend NAME]
"""
from __future__ import absolute_import, division, print_function

import sys

from ours import announce, chosen_loop, options
from carryall.core.net.protocol import Protocol


class Echo(Protocol):
    """Sends back what came."""

    def data_received(self, data):
        """Echoes, and stops reading from a peer that does not read."""
        self.transport.write(data)

    def pause_writing(self):
        """The peer reads slower than it writes."""
        self.transport.pause_reading()

    def resume_writing(self):
        """It has caught up."""
        self.transport.resume_reading()


def main(argv):
    """Serves until killed."""
    loop = chosen_loop(options(argv))
    announce(loop.listen_tcp(Echo))
    loop.run()


if __name__ == '__main__':
    main(sys.argv[1:])
