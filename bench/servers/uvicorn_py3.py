# Copyright the carryall authors.  See LICENSE.
"""Uvicorn with httptools and uvloop: a bare ASGI application, or Starlette's StaticFiles.

    uvicorn_py3.py hello | static --root DIR [--certificate PEM]
"""
import argparse
import socket

import uvicorn

HEADERS = [(b'content-type', b'text/plain'), (b'content-length', b'13')]


async def hello(scope, receive, send):
    """The smallest ASGI application."""
    await send({'type': 'http.response.start', 'status': 200, 'headers': HEADERS})
    await send({'type': 'http.response.body', 'body': b'Hello, world!'})


def application(kind, root):
    """The application of that kind."""
    if kind in ('static', 'bigfile'):
        from starlette.staticfiles import StaticFiles
        return StaticFiles(directory=root)
    return hello


def main():
    """Binds a free port, prints it, serves."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--root')
    options.add_argument('--certificate', help='PEM of certificate and key')
    options = options.parse_args()
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(4096)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application(options.kind, options.root), loop='uvloop',
                            http='httptools', lifespan='off', access_log=False, log_level='warning',
                            backlog=4096, timeout_keep_alive=300, ssl_certfile=options.certificate)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == '__main__':
    main()
