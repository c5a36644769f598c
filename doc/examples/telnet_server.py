# Copyright the carryall authors.  See LICENSE.
"""A Telnet server that knows its client's window, on port 2323.

Try it with: telnet 127.0.0.1 2323
"""
from carryall import runtimes
from carryall.protocols.telnet import Settings, TelnetServer


class Greeter(TelnetServer):
    """Lines from clients of any kind; by_key=True would bring each key by itself."""

    def __init__(self):
        TelnetServer.__init__(self, None, loop, Settings(by_key=False))

    def ready(self):
        """The client has told what it can, or had half a second to."""
        self.write(b'Say something: ')

    def text_received(self, data):
        """Text, its lines ended by a newline."""
        self.write(b'You said ' + data.strip() + b'.\n')
        self.transport.close()


loop = runtimes.choose()
loop.listen_tcp(Greeter, port=2323)
loop.run()
