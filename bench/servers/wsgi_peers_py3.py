# Copyright the carryall authors.  See LICENSE.
"""Gunicorn's gthread worker and waitress, with the smallest WSGI application.

    wsgi_peers_py3.py gunicorn|waitress
"""
import socket
import sys

BODY = b'Hello, world!'
THREADS = 8
KEEP_SECONDS = 300


def hello(environ, start_response):
    """The smallest WSGI application."""
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '13')])
    return [BODY]


def bound():
    """A socket that listens on a free port, which is printed."""
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(4096)
    print(listener.getsockname()[1], flush=True)
    return listener


def gunicorn():
    """One worker with threads."""
    from gunicorn.app.base import BaseApplication

    listener = bound()

    class Alone(BaseApplication):
        """The application without a command line."""

        def load_config(self):
            """Sets the options."""
            for name, value in (('bind', 'fd://%d' % listener.fileno()), ('workers', 1),
                                ('worker_class', 'gthread'), ('threads', THREADS),
                                ('keepalive', KEEP_SECONDS), ('loglevel', 'error')):
                self.cfg.set(name, value)

        def load(self):
            """The application."""
            return hello

    Alone().run()


def waitress():
    """The server with as many threads."""
    import logging

    import waitress as peer
    logging.getLogger('waitress').setLevel(logging.ERROR)
    peer.serve(hello, sockets=[bound()], threads=THREADS, channel_timeout=KEEP_SECONDS,
               _quiet=True)


if __name__ == '__main__':
    {'gunicorn': gunicorn, 'waitress': waitress}[sys.argv[1]]()
