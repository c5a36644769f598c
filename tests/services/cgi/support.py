# Copyright the carryall authors.  See LICENSE.
"""A site with CGI programs on a real loop, and a client of it."""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.future import Return, coroutine
from carryall.protocols.cgi import Settings
from carryall.protocols.http import Site
from carryall.protocols.http.client import HTTPClient
from carryall.services.cgi.cgiprograms import ProgramStarter
from carryall.services.web.programs import Programs
from carryall.services.web.sessions import MemoryStore, Sessions
from tests.services.web.support import site

TYPE = 'printf "Content-Type: text/plain\\n\\n"\n'


class Host(object):
    """A web server whose programs are those of a folder.

    Attributes:
        starter: the ProgramStarter.
    """

    def __init__(self, loop, folder, programs=8, passed=(), **settings):
        self.loop = loop
        self.folder = str(folder)
        self.starter = ProgramStarter(loop, Settings(**settings), programs, passed)
        self.app = site(self.folder, programs=Programs({b'.cgi': self.starter},
                                                       {b'cgi-bin': self.starter}))
        self.listener = loop.listen_tcp(Site(self.app, loop), '127.0.0.1', 0)
        self.client = HTTPClient(loop)

    def guard(self):
        """Puts sessions before the folder."""
        self.listener.close()
        sessions = Sessions(MemoryStore(self.loop), self.loop)
        self.listener = self.loop.listen_tcp(Site(sessions.wrap(self.app), self.loop), '127.0.0.1',
                                             0)

    def program(self, name, text, mode=0o755):
        """Makes a shell script."""
        path = os.path.join(self.folder, *name.split('/'))
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with open(path, 'wb') as out:
            out.write(b'#!/bin/sh\n' + text.encode('utf-8'))
        os.chmod(path, mode)

    @coroutine
    def fetch(self, target, method=b'GET', headers=(), body=b''):
        """A Future of (status, headers, body)."""
        url = 'http://127.0.0.1:%d%s' % (self.listener.address.port, target)
        response = yield self.client.request(method, url, headers=headers, body=body)
        data = yield response.read_all(1 << 24)
        raise Return((response.status, response.headers, data))

    def ask(self, *args, **kwargs):
        """(status, headers, body)."""
        return self.loop.run_until(self.fetch(*args, **kwargs))

    def running(self):
        """How many programs have not ended."""
        return len(self.starter.runs)

    def close(self):
        """Ends everything."""
        self.client.close()
        self.listener.close()
        self.starter.close()
