# Copyright the carryall authors.  See LICENSE.
"""The result codes of SQLite as errors, for all of its drivers.

Source:   https://www.sqlite.org/rescode.html
Tests:    tests/runtimes/database/test_sqlitecodes.py
"""
from __future__ import absolute_import, division, print_function

import time

from carryall.core.database.dberrors import (DatabaseLocked, DataError, ForeignDatabase,
                                             IntegrityError, InterfaceError, InternalError,
                                             OperationalError, ProgrammingError,
                                             SerializationFailure, StatementCancelled,
                                             StorageFull, UniqueViolation)
from carryall.runtimes.clock import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

__all__ = ['code_of_text', 'pragmas', 'prepare', 'sqlite_error', 'with_path']

RETRY_SECONDS = 0.01        # between two tries to change to WAL

# code -> class, SQLSTATE (None: that of the class)
CODES = {
    1: (ProgrammingError, '42000'),         # SQLITE_ERROR
    2: (InternalError, 'XX000'),            # SQLITE_INTERNAL
    3: (OperationalError, '42501'),         # SQLITE_PERM
    4: (StatementCancelled, None),          # SQLITE_ABORT
    5: (DatabaseLocked, None),              # SQLITE_BUSY
    6: (DatabaseLocked, None),              # SQLITE_LOCKED
    7: (OperationalError, '53200'),         # SQLITE_NOMEM
    8: (OperationalError, '25006'),         # SQLITE_READONLY
    9: (StatementCancelled, None),          # SQLITE_INTERRUPT
    10: (OperationalError, '58030'),        # SQLITE_IOERR
    11: (ForeignDatabase, 'XX001'),         # SQLITE_CORRUPT
    13: (StorageFull, None),                # SQLITE_FULL
    14: (OperationalError, '58P01'),        # SQLITE_CANTOPEN
    17: (SerializationFailure, None),       # SQLITE_SCHEMA
    18: (DataError, '22001'),               # SQLITE_TOOBIG
    19: (IntegrityError, '23000'),          # SQLITE_CONSTRAINT
    20: (DataError, '22018'),               # SQLITE_MISMATCH
    21: (InterfaceError, None),             # SQLITE_MISUSE
    25: (ProgrammingError, '07001'),        # SQLITE_RANGE
    26: (ForeignDatabase, None),            # SQLITE_NOTADB
    # extended
    275: (IntegrityError, '23514'),         # SQLITE_CONSTRAINT_CHECK
    517: (SerializationFailure, None),      # SQLITE_BUSY_SNAPSHOT
    787: (IntegrityError, '23503'),         # SQLITE_CONSTRAINT_FOREIGNKEY
    1299: (IntegrityError, '23502'),        # SQLITE_CONSTRAINT_NOTNULL
    1555: (UniqueViolation, None),          # SQLITE_CONSTRAINT_PRIMARYKEY
    2067: (UniqueViolation, None),          # SQLITE_CONSTRAINT_UNIQUE
    2579: (UniqueViolation, None),          # SQLITE_CONSTRAINT_ROWID
}

# Beginnings of messages of SQLite (src/main.c, sqlite3ErrStr, and src/vdbeaux.c).
TEXTS = (
    ('UNIQUE constraint failed', 2067),
    ('PRIMARY KEY must be unique', 1555),
    ('NOT NULL constraint failed', 1299),
    ('FOREIGN KEY constraint failed', 787),
    ('CHECK constraint failed', 275),
    ('database is locked', 5),
    ('database table is locked', 6),
    ('database schema is locked', 6),
    ('attempt to write a readonly database', 8),
    ('interrupted', 9),
    ('disk I/O error', 10),
    ('database disk image is malformed', 11),
    ('database or disk is full', 13),
    ('unable to open database', 14),
    ('string or blob too big', 18),
    ('datatype mismatch', 20),
    ('file is not a database', 26),
    ('file is encrypted or is not a database', 26),
)


def pragmas(durable):
    # type: (bool) -> Sequence[str]
    """The statements that prepare a new connection; the last one reads the head of the file."""
    last = (u'PRAGMA foreign_keys = ON', u'PRAGMA schema_version')
    if durable:
        return (u'PRAGMA journal_mode = WAL', u'PRAGMA synchronous = FULL') + last
    return last


def prepare(execute, durable, busy_seconds):
    # type: (Callable[[str], Any], bool, float) -> None
    """Has *execute* prepare a new connection.

    SQLite does not wait for another connection that changes to WAL at the same time, so that is
    tried again for *busy_seconds*.
    """
    until = monotonic() + busy_seconds
    for pragma in pragmas(durable):
        while True:
            try:
                execute(pragma)
                break
            except DatabaseLocked:
                if monotonic() >= until:
                    raise
                time.sleep(RETRY_SECONDS)


def code_of_text(text):
    # type: (str) -> int
    """The code that a message of SQLite stands for; 0 if it is none of the known ones."""
    for beginning, code in TEXTS:
        if text.startswith(beginning):
            return code
    return 0


def sqlite_error(code, text, cause):
    # type: (int, Any, BaseException) -> Any
    """The error of a result *code*, extended or not."""
    found = CODES.get(code) or CODES.get(code & 0xff) or (OperationalError, None)
    return found[0](text, cause, found[1])


def with_path(error, path):
    # type: (Any, str) -> Any
    """The same error, which names the file that could not be opened."""
    return type(error)(u'%s: %s' % (path, error.message), error.cause, error.sqlstate)
