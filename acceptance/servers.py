# Copyright the carryall authors.  See LICENSE.
"""Servers in several cases: their certificate, their ports, and waiting for them."""
import re

LISTENING = re.compile(r'listening: (\w+) on 127\.0\.0\.1:(\d+)')


def certificate(stage):
    """Makes server.pem with its key, for localhost, by our own command; the path of both."""
    stage.call('carryall', 'cert', 'make', '-o', 'server.pem', 'localhost', '127.0.0.1')
    stage.write('all.pem', stage.read('server.pem') + stage.read('server.key'))
    return 'all.pem'


def ports(server):
    """The ports by the names of the listeners."""
    server.wait_for(r'run: listening: ')         # the log repeats what stdout has said by then
    return {name: int(port) for name, port in LISTENING.findall(server.output)}


def wait_until_up(stage, port, name):
    """Waits until a server listens.

    Args:     name: of the server, for the message if it does not.
    """
    def listens():
        try:
            stage.connect(('127.0.0.1', port), 1.0).close()
            return True
        except OSError:
            return False
    stage.until(listens, name)
