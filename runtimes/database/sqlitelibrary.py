# Copyright the carryall authors.  See LICENSE.
"""The library of SQLite that the jar carries for its JDBC driver.

The driver's native part takes SQLite from a shared library of the machine, which a machine with
nothing but Java may lack.  A jar may have the library beside that native part.  It is loaded first
then, and the system's linker takes it for the one that the native part names.

Tests:    tests/runtimes/database/test_jdbc.py, acceptance case jar-store
"""
from __future__ import absolute_import, division, print_function

from java.lang import System, Throwable
from java.nio.file import Files, StandardCopyOption

from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['load_library']

log = get_logger('store')

FOLDER = 'org/sqlite/native/'
NAME = 'libsqlite3.so.0'
# The classes of the driver that name the folder of this machine: Linux/x86_64
MACHINE = 'org.sqlite.util.OSInfo'


def load_library(driver):
    # type: (Any) -> bool
    """Loads the library that the jar of the class *driver* carries; false if it carries none.

    A library that cannot be loaded is told to the log: the driver then tries that of the machine.
    """
    loader = driver.getClassLoader()
    machine = loader.loadClass(MACHINE).getMethod('getNativeLibFolderPathForCurrentOS', [])
    source = loader.getResourceAsStream(FOLDER + machine.invoke(None, []) + '/' + NAME)
    if source is None:
        return False
    path = None
    try:
        path = Files.createTempFile('carryall-', '-' + NAME, [])
        Files.copy(source, path, [StandardCopyOption.REPLACE_EXISTING])
        System.load(path.toString())
    except Throwable as exc:
        log.warning('the library of SQLite in the jar cannot be loaded: %s', exc)
        return False
    finally:
        source.close()
        if path is not None:
            Files.deleteIfExists(path)      # what is loaded stays
    return True
