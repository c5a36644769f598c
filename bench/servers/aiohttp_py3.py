# Copyright the carryall authors.  See LICENSE.
"""aiohttp's server with its C parser, access log off, on asyncio's own loop or on uvloop.

    aiohttp_py3.py hello | static --root DIR        [--loop asyncio|uvloop]
"""
import argparse
import asyncio

from aiohttp import web


async def hello(request):
    """The smallest resource."""
    return web.Response(body=b'Hello, world!', content_type='text/plain')


async def serve(kind, root):
    """Binds a free port, prints it, serves."""
    application = web.Application()
    if kind in ('static', 'bigfile'):
        application.router.add_static('/', root)
    else:
        application.router.add_get('/', hello)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0, backlog=4096)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def main():
    """Reads the options and runs."""
    options = argparse.ArgumentParser()
    options.add_argument('kind')
    options.add_argument('--root')
    options.add_argument('--loop', default='asyncio')
    options = options.parse_args()
    if options.loop == 'uvloop':
        import uvloop
        uvloop.run(serve(options.kind, options.root))
    else:
        asyncio.run(serve(options.kind, options.root))


if __name__ == '__main__':
    main()
