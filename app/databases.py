# Copyright the carryall authors.  See LICENSE.
"""Drivers of databases by their locations, for services.

    driver = database_driver(loop, u'sqlite:/var/lib/app.db')

A scheme of the table SCHEMES is a protocol of ours, which needs no thread; all others are the
runtime's (``loop.database_driver``).
Tests:    tests/app/test_databases.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.databaseschemes import SCHEMES
from carryall.app.optiontypes import Kind
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.database import Driver

__all__ = ['DatabaseLocation', 'absolute_location', 'database_driver', 'is_location',
           'shown_location']

FILES = u'sqlite'           # the scheme whose rest is a path
OTHERS = (u'memory', u'jdbc')
MAX_LOCATION = 4096         # characters


def database_driver(loop, location, **options):
    # type: (Any, str, **Any) -> Driver
    """The driver for *location*.

    Raises:   UsageError: it is no location.  Unsupported: this runtime has no driver for it.
    """
    scheme = location.partition(u':')[0]
    module = SCHEMES.get(scheme)
    if module is None:
        return loop.database_driver(location, **options)
    return __import__(module, None, None, ['driver']).driver(location, **options)


def is_location(text):
    # type: (str) -> bool
    """True if *text* begins with the scheme of a database that lasts."""
    scheme, colon, _ = text.partition(u':')
    return bool(colon) and (scheme in (FILES, u'jdbc') or scheme in SCHEMES)


def absolute_location(location):
    # type: (str) -> str
    """*location* with an absolute path, if it has one.

    Raises:   UsageError: the scheme is unknown.
    """
    scheme, colon, rest = location.partition(u':')
    if not colon or scheme not in (FILES,) + OTHERS and scheme not in SCHEMES:
        raise UsageError(u'"%s" is no database: sqlite:FILE, memory:%s'
                         % (shown_location(location),
                            u''.join(u', %s://...' % name for name in sorted(SCHEMES))))
    if scheme != FILES:
        return location
    path = rest[2:] if rest.startswith(u'//') else rest
    if not path:
        raise UsageError(u'sqlite: wants the path of a file')
    return u'%s:%s' % (scheme, os.path.abspath(path))


def shown_location(location):
    # type: (str) -> str
    """*location* without its password, for a person to read."""
    head, slashes, rest = location.partition(u'://')
    user, at, host = rest.rpartition(u'@')
    if not slashes or not at:
        return location
    return u'%s://%s@%s' % (head, user.partition(u':')[0], host)


class DatabaseLocation(Kind):
    """The location of a database: ``sqlite:FILE``, ``memory:`` or another scheme."""

    metavar = 'LOCATION'

    def parse(self, text):
        return absolute_location(text)

    def check(self, value):
        if len(value) > MAX_LOCATION or absolute_location(value) != value:
            raise UsageError(u'"%s" is no database' % shown_location(value))
