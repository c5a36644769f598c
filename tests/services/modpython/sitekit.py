# Copyright the carryall authors.  See LICENSE.
"""A site of handlers in a folder, asked without a socket."""
from __future__ import absolute_import, division, print_function

import io
import itertools

from carryall.runtimes.host.moduleworlds import ModuleWorlds
from carryall.services.modpython import Pipeline, install, load

CONFIG = u'''
DocumentRoot %(root)s
ServerName site.example
<Directory %(root)s>
    AllowOverride All
    SetHandler mod_python
    PythonHandler %(handler)s
    %(more)s
</Directory>
'''


class Loop(object):
    """The part of a loop that a Pipeline uses."""

    _now = itertools.count()

    @classmethod
    def time(cls):
        """Seconds, of which one passes with each call: nothing that is remembered is fresh."""
        return float(next(cls._now))

    @staticmethod
    def wall():
        """Seconds that stand still."""
        return 0.0

    module_worlds = staticmethod(ModuleWorlds)


LOOP = Loop()


class Answer(object):
    """A response: ``status``, ``fields`` as a dict of lower-case names, ``body``."""

    def __init__(self):
        self.status = None
        self.fields = {}
        self.body = b''

    def start(self, status, fields, exc_info=None):
        """The start_response of WSGI."""
        self.status = int(status.split()[0])
        for name, value in fields:
            self.fields.setdefault(name.lower(), []).append(value)
        return self._write

    def _write(self, data):
        self.body += data


class SiteKit(object):
    """A folder *root*, a py.path, with files; *more* is put into its <Directory>."""

    def __init__(self, root, files, handler='page', more='', config=None):
        self.root = root
        for name, text in files.items():
            root.join(name).write(text, ensure=True)
        text = config or CONFIG
        conf = root.join('..', 'httpd.conf')
        conf.write(text % {'root': root, 'handler': handler, 'more': more})
        self.pipeline = Pipeline(load(str(conf)), LOOP, str(conf))
        install(self.pipeline.interpreters)
        self.pipeline.begin()

    def ask(self, target='/', method='GET', body=b'', path=None, **fields):
        """The Answer to one request; *path* is the decoded one, if it differs."""
        known, _, query = target.partition('?')
        path = path or known
        environ = {
            'REQUEST_METHOD': method, 'PATH_INFO': path, 'QUERY_STRING': query,
            'REQUEST_URI': target, 'SCRIPT_NAME': '', 'SERVER_PROTOCOL': 'HTTP/1.1',
            'SERVER_NAME': '127.0.0.1', 'SERVER_PORT': '80', 'REMOTE_ADDR': '127.0.0.1',
            'REMOTE_PORT': '4000', 'HTTP_HOST': 'site.example', 'wsgi.url_scheme': 'http',
            'wsgi.input': io.BytesIO(body),
        }
        if body:
            environ['CONTENT_LENGTH'] = '%d' % len(body)
        for name, value in fields.items():
            environ[name if name == 'CONTENT_TYPE' else 'HTTP_' + name.upper()] = value
        answer = Answer()
        pieces = self.pipeline(environ, answer.start)
        answer.body += b''.join(pieces)
        if hasattr(pieces, 'close'):
            pieces.close()
        return answer
