# Copyright the carryall authors.  See LICENSE.
"""Pages that keep a database connection, for the case modpython-state.

The database is in memory, so another connection would see none of its rows.
"""
import sys
import threading

opened = []
_lock = threading.Lock()
JARS = '/usr/share/java/h2.jar'


class _Java(object):
    """A connection of JDBC, with the two methods that the pages use."""

    def __init__(self):
        from java.io import File
        from java.lang import Class
        from java.net import URLClassLoader
        from java.util import Properties
        loader = URLClassLoader([File(JARS).toURI().toURL()])
        driver = Class.forName('org.h2.Driver', True, loader).newInstance()
        self._raw = driver.connect('jdbc:h2:mem:', Properties())

    def change(self, statement):
        """Runs a statement without a result."""
        made = self._raw.createStatement()
        made.executeUpdate(statement)
        made.close()

    def number(self, query):
        """The number that a query gives."""
        made = self._raw.createStatement()
        rows = made.executeQuery(query)
        rows.next()
        found = rows.getInt(1)
        made.close()
        return found


class _Library(object):
    """A connection of sqlite3."""

    def __init__(self):
        import sqlite3
        self._raw = sqlite3.connect(':memory:', check_same_thread=False)

    def change(self, statement):
        """Runs a statement without a result."""
        self._raw.execute(statement)

    def number(self, query):
        """The number that a query gives."""
        return self._raw.execute(query).fetchone()[0]


def _connection():
    if not opened:
        made = _Java() if sys.platform.startswith('java') else _Library()
        made.change('CREATE TABLE hits (n INTEGER)')
        made.change('INSERT INTO hits VALUES (0)')
        opened.append(made)
    return opened[0]


def hit(req):
    """Counts: the connections of this interpreter, and its hits."""
    with _lock:
        connection = _connection()
        connection.change('UPDATE hits SET n = n + 1')
        return '%s %d %d' % (req.interpreter, len(opened),
                             connection.number('SELECT n FROM hits'))
