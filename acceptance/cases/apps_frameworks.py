# Copyright the carryall authors.  See LICENSE.
"""Applications of Flask, Django (its admin), Starlette (with a WebSocket) and, on every runtime,
Bottle, as their users use them."""
import os
import re
import sys

from acceptance import foreign
from acceptance.stage import ROOT

PROVES = ['HTS-18']
NEEDS = ['curl']
LONG = True
PYTHON = ('bottle', 'django', 'flask', 'starlette')
PEERS = os.path.join(ROOT, 'acceptance', 'peers')
HERE = ('-p', 'tcp:0:interface=127.0.0.1', '--folder', PEERS)
USER = 'admin'
PASSWORD = 'long-and-secret'


def run(stage):
    """Bottle everywhere, the others where their Python is: that of the suite."""
    bottle(stage)
    if stage.runtime.kind == 'cpython':
        flask(stage)
        django(stage)
        starlette(stage)


def served(stage, package, kind, name):
    """A server for an application; (process, URL)."""
    path = os.pathsep.join([foreign.python_path(package), PEERS, ROOT])
    stage.variables['PYTHONPATH'] = path
    stage.variables['JYTHONPATH'] = path
    server = stage.start('carryall', kind, name, *HERE)
    return server, 'http://%s:%d' % server.address()


def curl(stage, *words):
    """The body of an answer, with the cookies of those before."""
    return stage.foreign('curl', '-sS', '-b', stage.path('jar'), '-c', stage.path('jar'), *words)


def bottle(stage):
    """Routes, cookies, forms, pieces."""
    server, url = served(stage, 'bottle', 'wsgi', 'bottleapp')
    said = curl(stage, url + '/hello/ann')
    stage.demand(said == b'<p>hello ann</p>', 'bottle: %r', said)
    said = curl(stage, '-d', 'field=value', url + '/form')
    stage.demand(said == b'value ann', 'bottle: %r', said)
    said = curl(stage, url + '/pieces')
    stage.demand(said == b'0 1 2 ', 'bottle: %r', said)
    server.stop()


def flask(stage):
    """A login in a session, an upload, pieces."""
    server, url = served(stage, 'flask', 'wsgi', 'frameworks_py3:flask_app()')
    said = curl(stage, '-L', '-d', 'name=ann', url + '/login')
    stage.demand(said == b'hello ann', 'flask: %r', said)
    stage.write('big', b'x' * 3000000)
    said = curl(stage, '-F', 'file=@' + stage.path('big'), url + '/upload')
    stage.demand(said == b'3000000', 'flask: %r', said)
    said = curl(stage, url + '/pieces')
    stage.demand(said == b'abc', 'flask: %r', said)
    server.stop()


def django(stage):
    """A login at the admin, and a group that is added there."""
    path = os.pathsep.join([foreign.python_path('django'), PEERS])
    made = stage.launch(['env', 'PYTHONPATH=' + path, sys.executable,
                         os.path.join(PEERS, 'frameworks_py3.py'), 'migrate'], foreign=True)
    stage.demand(made.wait() == 0, 'migrate said:\n%s', made.output)
    server, url = served(stage, 'django', 'wsgi', 'frameworks_py3:django_app()')
    login = url + '/admin/login/?next=/admin/'
    page = posted(stage, login, '-d', 'username=' + USER, '-d', 'password=' + PASSWORD, '-L')
    stage.demand(b'Site administration' in page, 'the login gave %r', page[:500])
    page = posted(stage, url + '/admin/auth/group/add/', '-d', 'name=friends', '-L')
    stage.demand(b'friends' in page, 'the group is missing in %r', page[:500])
    server.stop()


def posted(stage, url, *words):
    """The page behind a form of Django, with its token."""
    form = curl(stage, url).decode('utf-8')
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', form)
    stage.demand(token is not None, 'no form: %s', form[:500])
    return curl(stage, '-d', 'csrfmiddlewaretoken=' + token.group(1), *(words + (url,)))


def starlette(stage):
    """JSON, a body, pieces, and a WebSocket."""
    server, url = served(stage, 'starlette', 'asgi', 'frameworks_py3:starlette_app()')
    said = curl(stage, '-d', 'abc', url + '/')
    stage.demand(said == b'{"path":"/","body":3}', 'starlette: %r', said)
    said = curl(stage, url + '/pieces')
    stage.demand(said == b'abc', 'starlette: %r', said)
    client = stage.peer('shouttalk.py', url.replace('http', 'ws') + '/shout')
    stage.demand(client.wait() == 0, 'the client said:\n%s', client.output)
    stage.demand('HELLO\nAGAIN' in client.output, 'the client said:\n%s', client.output)
    server.stop()
