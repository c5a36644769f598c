# Copyright the carryall authors.  See LICENSE.
"""The drivers of JDBC: where their jars are, and how one is loaded without the class path.

A driver is looked for in the class path, then in the jars of a system property (PROPERTY), then in
Debian's packages.  The property separates jars as a class path does.  carryall.jar has the driver
of SQLite in it, with its native parts (runtimes/database/sqlitelibrary.py).

Tests:    tests/runtimes/database/test_jdbc.py
"""
from __future__ import absolute_import, division, print_function

from java.io import File
from java.lang import Class, ClassNotFoundException, System, Thread
from java.net import URLClassLoader
from java.util import Properties

from carryall.core.errors import Unsupported
from carryall.runtimes.database.sqlitelibrary import load_library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

__all__ = ['DRIVERS', 'driver_for', 'open_url']

PROPERTY = 'carryall.jdbc'
FOLDER = '/usr/share/java'

# scheme -> class, name of the jar, Debian's package
DRIVERS = {
    'sqlite': ('org.sqlite.JDBC', 'sqlite-jdbc.jar', 'libxerial-sqlite-jdbc-java'),
    'postgresql': ('org.postgresql.Driver', 'postgresql.jar', 'libpostgresql-jdbc-java'),
    'h2': ('org.h2.Driver', 'h2.jar', 'libh2-java'),
    'hsqldb': ('org.hsqldb.jdbc.JDBCDriver', 'hsqldb.jar', 'libhsqldb-java'),
    'mariadb': ('org.mariadb.jdbc.Driver', 'mariadb-java-client.jar', 'libmariadb-java'),
}

_loaded = {}                # type: Dict[str, Any]  # class -> its driver


def open_url(url, properties):
    # type: (str, Dict[str, Any]) -> Any
    """A new java.sql.Connection; what Java raises passes through.

    Raises:   Unsupported: there is no driver for it, or its native part is missing.
    """
    words = url.split(':')
    scheme = words[1].lower() if len(words) > 2 else ''
    given = Properties()
    for name in properties:
        given.setProperty(name, str(properties[name]))
    raw = driver_for(scheme).connect(url, given)
    if raw is None:
        raise Unsupported(u'the driver of %s does not take the URL' % scheme)
    return raw


def driver_for(scheme):
    # type: (str) -> Any
    """The driver for the URLs ``jdbc:SCHEME:``.

    Raises:   Unsupported: it is missing; says what to install, and what else there is.
    """
    if scheme not in DRIVERS:
        raise Unsupported(u'there is no driver for jdbc:%s:; known are: %s'
                          % (scheme, u', '.join(sorted(DRIVERS))))
    class_name, jar, package = DRIVERS[scheme]
    if class_name not in _loaded:
        found = _class(class_name, [None] + _jars(jar))
        if found is None:
            raise Unsupported(u'the driver %s is missing: put %s into the class path, or install '
                              u'%s; %s' % (class_name, jar, package, _others(scheme)))
        if scheme == 'sqlite':
            load_library(found)
        _loaded[class_name] = found.newInstance()
    return _loaded[class_name]


def _others(scheme):
    # type: (str) -> str
    if scheme == 'h2':
        return u'SQLite is jdbc:sqlite:PATH (libxerial-sqlite-jdbc-java)'
    return u'H2 needs nothing but its jar (jdbc:h2:PATH, libh2-java)'


def _jars(name):
    # type: (str) -> List[str]
    given = System.getProperty(PROPERTY) or ''
    return [path for path in given.split(File.pathSeparator) + [FOLDER + '/' + name]
            if path and File(path).exists()]


def _class(name, jars):
    # type: (str, List[Any]) -> Any
    """The class of that name out of the first of *jars* that has it; None of these: the class
    path."""
    for jar in jars:
        loader = Thread.currentThread().getContextClassLoader()
        if jar is not None:
            loader = URLClassLoader([File(jar).toURI().toURL()], loader)
        try:
            return Class.forName(name, True, loader)
        except ClassNotFoundException:
            continue
    return None
