# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of the web service: a site in a folder, requests without a
connection."""
from __future__ import absolute_import, division, print_function

import os
import time

from carryall.protocols.http.message import Section
from carryall.protocols.http import FileBody, Headers, Request
from carryall.services.web.static import StaticFiles

# Seconds after now in which the sites of these tests live, so that every file is settled
LATER = 1000.0

# Symbolic links need a system that has them, and, on some, a privilege.
HAS_LINKS = hasattr(os, 'symlink')


def write(folder, name, data=b''):
    """Makes a file, and the folders that it needs; its path."""
    path = os.path.join(str(folder), *name.split('/'))
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, 'wb') as out:
        out.write(data)
    return path


class _OtherOwner(object):
    """Steps of core/files/folders.py to which some files belong to another user; chown(2) would
    need rights.
    """

    def __init__(self, steps, numbers):
        self._steps = steps
        self._numbers = numbers

    def __getattr__(self, name):
        return getattr(self._steps, name)

    def stat(self, *args):
        """The state, told so."""
        return self._told(self._steps.stat(*args))

    def open(self, *args):
        """(file, its state, told so)."""
        source, status = self._steps.open(*args)
        return source, self._told(status)

    def _told(self, status):
        return _OtherStatus(status) if status.st_ino in self._numbers else status


class _OtherStatus(object):
    """The state of a file, with another owner."""

    def __init__(self, status):
        self._status = status
        self.st_uid = status.st_uid + 1

    def __getattr__(self, name):
        return getattr(self._status, name)


def belongs_to_another(tree, *paths):
    """Lets a FileTree believe that these files belong to another user."""
    walk = tree._walk
    walk._steps = _OtherOwner(walk._steps, set(os.stat(path).st_ino for path in paths))


def later():
    """The time of day, LATER."""
    return time.time() + LATER


def site(folder, **options):
    """StaticFiles for *folder*, in which no file has changed just now."""
    return StaticFiles(str(folder), options.pop('wall', later), **options)


def request(target, fields=(), method=b'GET', host=b'h', transport=None):
    """A Request that came from nowhere, or by a transport."""
    made = Request(method, target, Section((1, 1), Headers(list(fields)), host=host))
    made.transport = transport
    made.incoming = None
    made.waiter = None
    return made


def ask(app, target, fields=(), method=b'GET'):
    """(status, headers, octets of the body) of the answer."""
    response = app(request(target, fields, method))
    return response.status, response.headers, body_of(response)


def body_of(response):
    """All octets of a body of any shape that a static site gives; what is open is closed."""
    body = response.body
    if type(body) is bytes:
        return body
    if isinstance(body, FileBody):
        body.fileobj.seek(body.offset)
        data = body.fileobj.read(body.count)
        body.close()
        return data
    data = b''.join(body)
    if hasattr(body, 'close'):
        body.close()
    return data
