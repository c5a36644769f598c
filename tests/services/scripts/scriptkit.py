# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of scripts: a folder that is served, with programs of all kinds."""
from __future__ import absolute_import, division, print_function

import os

from carryall.services.web.options import SCHEMA
from carryall.services.web.programs import make_programs
from carryall.services.web.static import StaticFiles
from tests.services.resources.resourcekit import request, result


class Folder(object):
    """A folder with scripts.

    Args:     path: of the folder, a py.path.
              loop: the loop.
              words: more words of the command line.
    """

    def __init__(self, path, loop, *words):
        self.path = path
        self.loop = loop
        options = SCHEMA.parse(['--path', str(path)] + list(words))
        self.programs = make_programs(options, loop)
        self.site = StaticFiles(str(path), loop.wall, programs=self.programs)

    def write(self, name, source):
        """Makes or changes a script; each version has a size of its own."""
        target = self.path.join(name)
        target.write_binary(source)
        self.programs.known.clear()         # as after REMEMBERED_SECONDS
        os.chmod(str(self.path), 0o755)
        os.chmod(str(target), 0o644)

    def begin(self, target, method=b'GET', body=b'', fields=()):
        """The answer, which may be a Future still."""
        return self.site(request(target, method, body, fields))

    def ask(self, target, method=b'GET', body=b'', fields=()):
        """The Response to a request."""
        return result(self.begin(target, method, body, fields))

    def close(self):
        """Ends the programs."""
        self.programs.close()
