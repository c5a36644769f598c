# Copyright the carryall authors.  See LICENSE.
"""Granian with one worker and one runtime thread, by ASGI or by its own RSGI.

    granian_py3.py hello --interface asgi|rsgi      granian_py3.py static --root DIR   (under
                                                    /files)
"""
import argparse
import pathlib
import socket
import threading
import time

from granian import Granian

HEADERS = [(b'content-type', b'text/plain'), (b'content-length', b'13')]


async def asgi(scope, receive, send):
    """The smallest ASGI application."""
    if scope['type'] != 'http':
        return
    await send({'type': 'http.response.start', 'status': 200, 'headers': HEADERS})
    await send({'type': 'http.response.body', 'body': b'Hello, world!'})


async def rsgi(scope, protocol):
    """The smallest RSGI application."""
    protocol.response_bytes(200, [('content-type', 'text/plain')], b'Hello, world!')


def free_port():
    """A loopback port that nothing listens on; granian cannot tell which it took."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def announce(port):
    """Prints the port when it takes connections."""
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            print(port, flush=True)
            return


def main():
    """Serves until killed."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--interface', default='asgi')
    options.add_argument('--root')
    options = options.parse_args()
    port = free_port()
    threading.Thread(target=announce, args=(port,), daemon=True).start()
    extra = {}
    if options.kind == 'static':
        extra = {'static_path_route': ['/files'], 'static_path_mount': [pathlib.Path(options.root)]}
    Granian('granian_py3:' + options.interface, address='127.0.0.1', port=port,
            interface=options.interface, workers=1, runtime_threads=1, loop='uvloop',
            websockets=False, log_access=False, log_level='warning', http='1',
            backlog=4096, **extra).serve()


if __name__ == '__main__':
    main()
