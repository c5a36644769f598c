# Copyright the carryall authors.  See LICENSE.
"""Small applications of WSGI, each behind a path of its own: `wsgi` is all of them.

Their answers must not depend on the server.
"""
from __future__ import absolute_import, division, print_function

import io
import json
import sys
import tempfile

PLAIN = [('Content-Type', 'text/plain')]
BIG = 300000

WSGI = {}


def app(function):
    """Names a WSGI application by its function."""
    WSGI[function.__name__] = function
    return function


def tell(keys):
    """An application that tells values of its environ."""
    def told(environ, start):
        start('200 OK', PLAIN)
        return [json.dumps([[key, environ.get(key)] for key in keys]).encode()]
    return told


WSGI['variables'] = tell(['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING',
                          'SERVER_PROTOCOL', 'CONTENT_TYPE', 'CONTENT_LENGTH'])
WSGI['host'] = tell(['HTTP_ACCEPT', 'HTTP_USER_AGENT', 'wsgi.url_scheme', 'wsgi.run_once'])
WSGI['cookies'] = tell(['HTTP_COOKIE'])
WSGI['names'] = tell(['HTTP_X_A', 'HTTP_X_B'])


@app
def hello(environ, start):
    """A list of one, with its length."""
    start('200 OK', PLAIN + [('Content-Length', '5')])
    return [b'hello']


@app
def nolength(environ, start):
    """A list of one, without its length."""
    start('200 OK', PLAIN)
    return [b'hello']


@app
def pieces(environ, start):
    """A generator."""
    start('200 OK', PLAIN)
    for number in range(5):
        yield b'%d ' % number


@app
def empty(environ, start):
    """No octets."""
    start('200 OK', PLAIN)
    return []


@app
def big(environ, start):
    """Many octets."""
    start('200 OK', PLAIN)
    yield b'a' * BIG
    yield b'b' * BIG


@app
def written(environ, start):
    """write(), and then a list."""
    write = start('200 OK', PLAIN)
    write(b'written ')
    return [b'returned']


@app
def echo(environ, start):
    """The body of the request."""
    size = int(environ.get('CONTENT_LENGTH') or 0)
    start('200 OK', PLAIN)
    return [environ['wsgi.input'].read(size)]


@app
def lines(environ, start):
    """The lines of the body."""
    start('200 OK', PLAIN)
    return [b'%d:%s' % (number, line) for number, line in enumerate(environ['wsgi.input'])]


@app
def missing(environ, start):
    """404 with a body."""
    start('404 Not Found', PLAIN)
    return [b'nothing here']


@app
def moved(environ, start):
    """A redirect."""
    start('302 Found', [('Location', '/elsewhere?a=b')])
    return [b'']


@app
def nothing(environ, start):
    """204."""
    start('204 No Content', [])
    return []


@app
def unchanged(environ, start):
    """304 with a tag."""
    start('304 Not Modified', [('ETag', '"a"')])
    return []


@app
def cookie(environ, start):
    """Two fields of one name."""
    start('200 OK', PLAIN + [('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')])
    return [b'set']


@app
def fails(environ, start):
    """Raises before anything."""
    raise ValueError('on purpose')


@app
def replaced(environ, start):
    """Another start with exc_info."""
    start('200 OK', [('X-First', '1')])
    try:
        raise ValueError('known')
    except ValueError:
        start('409 Conflict', PLAIN, sys.exc_info())
    return [b'replaced']


@app
def file(environ, start):
    """A file through the wrapper."""
    source = tempfile.TemporaryFile()
    source.write(b'file ' * 10000)
    source.seek(5)
    start('200 OK', PLAIN + [('Content-Length', '49995')])
    return environ['wsgi.file_wrapper'](source._file if hasattr(source, '_file') else source, 8192)


@app
def memoryfile(environ, start):
    """A file in memory through the wrapper."""
    start('200 OK', PLAIN + [('Content-Length', '6')])
    return environ['wsgi.file_wrapper'](io.BytesIO(b'memory'), 4)


def wsgi(environ, start):
    """All of them, by the first segment of the path."""
    name = environ['PATH_INFO'].split('/')[1]
    return WSGI[name](environ, start)
