# Copyright the carryall authors.  See LICENSE.
"""Forty small applications give the same answers under ours, gunicorn and uvicorn; each difference
is one that doc/conformance/wsgi.md or asgi.md explains."""
import http.client
import os
import sys

from acceptance import foreign
from acceptance.stage import ROOT

PROVES = ['HTS-18']
NEEDS = []
LONG = True
PYTHON = ('gunicorn', 'uvicorn')

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
# application, method, rest of the target, fields, body
WSGI = [
    ('variables', 'GET', '', {}, None), ('variables', 'GET', '/a%20b?c=%20', {}, None),
    ('variables', 'GET', '/a%2Fb', {}, None), ('variables', 'POST', '', FORM, b'a=b'),
    ('host', 'GET', '', {'Accept': '*/*', 'User-Agent': 'a'}, None),
    ('cookies', 'GET', '', {'Cookie': 'a=1; b=2'}, None),
    ('names', 'GET', '', {'X-A': '1', 'X_B': '2'}, None),
    ('hello', 'GET', '', {}, None), ('hello', 'HEAD', '', {}, None),
    ('nolength', 'GET', '', {}, None), ('pieces', 'GET', '', {}, None),
    ('empty', 'GET', '', {}, None), ('big', 'GET', '', {}, None), ('written', 'GET', '', {}, None),
    ('echo', 'POST', '', {}, b'abc'), ('echo', 'PUT', '', {}, b'x' * 200000),
    ('lines', 'POST', '', {}, b'a\nb\nc'), ('missing', 'GET', '', {}, None),
    ('moved', 'GET', '', {}, None), ('nothing', 'GET', '', {}, None),
    ('unchanged', 'GET', '', {}, None), ('cookie', 'GET', '', {}, None),
    ('fails', 'GET', '', {}, None), ('replaced', 'GET', '', {}, None),
    ('file', 'GET', '', {}, None), ('memoryfile', 'GET', '', {}, None),
]
ASGI = [
    ('hello', 'GET', '', {}, None), ('hello', 'HEAD', '', {}, None),
    ('nolength', 'GET', '', {}, None), ('scope', 'GET', '/a%20b?c=%20', {}, None),
    ('scope', 'DELETE', '/%C3%A9', {}, None), ('fields', 'GET', '', {'X-A': '1', 'x-b': '2'}, None),
    ('echo', 'POST', '', {}, b'abc'), ('echo', 'PUT', '', {}, b'x' * 200000),
    ('pieces', 'GET', '', {}, None), ('slowly', 'GET', '', {}, None), ('big', 'GET', '', {}, None),
    ('missing', 'GET', '', {}, None), ('moved', 'GET', '', {}, None),
    ('nothing', 'GET', '', {}, None), ('unchanged', 'GET', '', {}, None),
    ('cookie', 'GET', '', {}, None), ('fails', 'GET', '', {}, None),
    ('gathered', 'GET', '', {}, None), ('timed', 'GET', '', {}, None),
    ('threaded', 'GET', '', {}, None), ('later', 'GET', '', {}, None),
    ('early', 'POST', '', {}, b'unread'),
]
# Rows whose answers must differ, as the pages say; if they agree, a page is out of date
EXPLAINED = [('replaced', 'GET', '')]
# Fields that frame a body, or name the server
OWN = ('date', 'server', 'connection', 'keep-alive', 'transfer-encoding', 'content-length')
# Applications whose body the server writes itself
PAGES = ('fails',)


def run(stage):
    """Both interfaces; asks the peers the same."""
    path = os.path.join(ROOT, 'acceptance', 'peers')
    where = ('-p', 'tcp:0:interface=127.0.0.1', '--folder', path)
    ours = stage.start('carryall', 'wsgi', 'smallapps:wsgi', *where)
    theirs = peer(stage, path, 'gunicorn', '-b', '127.0.0.1:0', '-k', 'gthread',
                  'smallapps:wsgi')
    compare(stage, WSGI, ours, theirs)
    if stage.runtime.kind == 'jython':      # it has no coroutines
        return
    ours = stage.start('carryall', 'asgi', 'smallapps_py3:asgi', *where)
    theirs = peer(stage, path, 'uvicorn', '--port', '0', 'smallapps_py3:asgi')
    compare(stage, ASGI, ours, theirs)


def peer(stage, path, name, *words):
    """A server of others."""
    packages = os.pathsep.join([foreign.python_path(name), path])
    return stage.launch(['env', 'PYTHONPATH=' + packages, 'PYTHONDONTWRITEBYTECODE=1',
                         sys.executable, '-m', name] + list(words), foreign=True)


def compare(stage, rows, ours, theirs):
    """Demands the same answer from both, row by row."""
    count = 0
    wrong = []
    for row in rows:
        found = answer(ours, *row)
        wanted = answer(theirs, *row)
        if (found == wanted) == (row[:3] in EXPLAINED):
            wrong.append('%s: ours is\n%.300r, theirs\n%.300r' % (row[:3], found, wanted))
        count += 1
    stage.demand(not wrong, '%s', '\n'.join(wrong))
    stage.demand(count >= 20, 'only %d rows', count)


def answer(server, name, method, rest, fields, body):
    """(status, fields that are the application's, body)."""
    connection = http.client.HTTPConnection(*server.address(), timeout=20)
    try:
        connection.request(method, '/' + name + rest, body, fields)
        response = connection.getresponse()
        octets = response.read()
        kept = sorted((key.lower(), value) for key, value in response.getheaders()
                      if key.lower() not in OWN)
        return response.status, [] if name in PAGES else kept, b'' if name in PAGES else octets
    finally:
        connection.close()
