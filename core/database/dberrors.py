# Copyright the carryall authors.  See LICENSE.
"""The errors of databases: the classes of DB-API 2.0 (PEP 249), the same ones for every driver.

    Error
        InterfaceError
        DatabaseError
            DataError  IntegrityError  InternalError  NotSupportedError  ProgrammingError
            OperationalError

Some of these have subclasses, for programs that treat them differently.  They stand for a duplicate
key, a conflict between transactions, a lock, a connection that is gone.

``error_of(sqlstate, message)`` is the error for one of SQL's five-character states.
Source:   PEP 249, "Exceptions"; ISO 9075-2 section 24.1; PostgreSQL 15, appendix A.
Tests:    tests/core/database/test_dberrors.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import PY2
from carryall.core.errors import CarryallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['ConnectionGone', 'DataError', 'DatabaseError', 'DatabaseLocked', 'Error',
           'ForeignDatabase', 'IntegrityError', 'InterfaceError', 'InternalError',
           'NotSupportedError', 'OperationalError', 'PoolExhausted', 'ProgrammingError',
           'SerializationFailure', 'StatementCancelled', 'StorageFull', 'UniqueViolation',
           'Warning', 'error_of']


# py2: PEP 249 demands StandardError, which 3.x has not.
_STANDARD = StandardError if PY2 else Exception         # type: ignore  # noqa: F821


class Warning(_STANDARD):                               # type: ignore
    """A warning of PEP 249; none is raised."""


class Error(CarryallError, _STANDARD):                  # type: ignore
    """The root of what a database raises.

    Attributes:
        sqlstate: the five characters of SQL, such as '23505'; None if the driver tells none.
        fields: what else a server of PostgreSQL said, by the letters of its protocol; or None.
    """

    sqlstate = None             # type: Optional[str]
    fields = None               # type: Any

    def __init__(self, message=u'', cause=None, sqlstate=None):
        # type: (Any, Optional[BaseException], Optional[str]) -> None
        CarryallError.__init__(self, message, cause)
        if sqlstate is not None:
            self.sqlstate = sqlstate


class InterfaceError(Error):
    """The program used the interface wrongly: a closed cursor, the wrong thread."""


class DatabaseError(Error):
    """The database refused, or failed."""


class DataError(DatabaseError):
    """A value is out of range, or of the wrong form."""


class OperationalError(DatabaseError):
    """The database cannot do now what it could do at another time."""


class IntegrityError(DatabaseError):
    """A constraint would be violated."""


class InternalError(DatabaseError):
    """The database is in a state that forbids the statement."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: its syntax, a name that is unknown, the number of parameters."""


class NotSupportedError(DatabaseError):
    """The database or the driver does not have what was asked for."""


class UniqueViolation(IntegrityError):
    """The key exists already."""

    sqlstate = '23505'


class ConnectionGone(OperationalError):
    """The connection is closed: by the server, by the network, or by a failure of the driver.

    A statement that was under way may have been executed or not; a commit as well.
    """

    sqlstate = '08006'


class SerializationFailure(OperationalError):
    """Another transaction was in the way (a conflict, a deadlock); the same one may work again."""

    sqlstate = '40001'


class DatabaseLocked(OperationalError):
    """Another connection holds a lock, and did not let go in time."""

    sqlstate = '55P03'


class StatementCancelled(OperationalError):
    """The statement was cancelled, or took longer than was allowed."""

    sqlstate = '57014'


class StorageFull(OperationalError):
    """The disk or the quota of the database is full; the statement had no effect."""

    sqlstate = '53100'


class ForeignDatabase(OperationalError):
    """The file is no database, or one of another program, or of a newer version."""


class PoolExhausted(OperationalError):
    """All connections are busy, and too many wait for one, or one has waited too long."""


# The longest prefix decides.
STATES = {
    '08': ConnectionGone,
    '0A': NotSupportedError,
    '20': ProgrammingError, '21': ProgrammingError,
    '22': DataError,
    '23': IntegrityError, '23505': UniqueViolation,
    '24': InternalError, '25': InternalError,
    '26': ProgrammingError, '27': OperationalError, '28': OperationalError,
    '2B': InternalError, '2D': InternalError, '2F': InternalError,
    '34': ProgrammingError, '38': InternalError, '39': InternalError, '3B': InternalError,
    '3D': ProgrammingError, '3F': ProgrammingError,
    '40': SerializationFailure, '40002': IntegrityError, '40003': OperationalError,
    '42': ProgrammingError, '44': ProgrammingError,
    '53': OperationalError, '53100': StorageFull,
    '54': OperationalError, '55': OperationalError, '55P03': DatabaseLocked,
    '57': OperationalError, '57014': StatementCancelled,
    '57P01': ConnectionGone, '57P02': ConnectionGone, '57P03': ConnectionGone,
    '57P05': ConnectionGone, '25P03': ConnectionGone,
    '58': OperationalError, 'F0': InternalError, 'HV': OperationalError, 'P0': InternalError,
    'XX': InternalError,
}


def error_of(sqlstate, message, cause=None):
    # type: (str, Any, Optional[BaseException]) -> Error
    """The error for *sqlstate*; DatabaseError for one that is unknown."""
    for length in (5, 2):
        found = STATES.get(sqlstate[:length])
        if found is not None:
            return found(message, cause, sqlstate)
    return DatabaseError(message, cause, sqlstate)
