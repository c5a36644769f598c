# Copyright the carryall authors.  See LICENSE.
"""The result codes of SQLite as errors."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import (DatabaseLocked, ForeignDatabase, IntegrityError,
                                    OperationalError, ProgrammingError, SerializationFailure,
                                    StatementCancelled, StorageFull, UniqueViolation)
from carryall.runtimes.database import sqlitecodes
from carryall.runtimes.database.sqlitecodes import code_of_text, sqlite_error

CODES = [(1, ProgrammingError), (5, DatabaseLocked), (9, StatementCancelled), (13, StorageFull),
         (19, IntegrityError), (26, ForeignDatabase), (517, SerializationFailure),
         (1555, UniqueViolation), (2067, UniqueViolation), (261, DatabaseLocked),
         (0, OperationalError)]


@pytest.mark.parametrize('code, kind', CODES)
def test_a_code_has_a_class(code, kind):
    assert type(sqlite_error(code, u'no', ValueError())) is kind


@pytest.mark.parametrize('text, code', [('UNIQUE constraint failed: t.a', 2067),
                                        ('database is locked', 5), ('no such table: t', 0)])
def test_a_message_has_a_code(text, code):
    assert code_of_text(text) == code


@pytest.mark.parametrize('locked, seconds, works', [(3, 10.0, True), (1000, 0.0, False)])
def test_a_change_to_wal_is_tried_again_for_a_while(locked, seconds, works):
    said = []

    def execute(pragma):
        said.append(pragma)
        if len(said) <= locked:
            raise DatabaseLocked(u'database is locked')

    if works:
        sqlitecodes.prepare(execute, True, seconds)
        assert said[locked:] == list(sqlitecodes.pragmas(True))
    else:
        with pytest.raises(DatabaseLocked):
            sqlitecodes.prepare(execute, True, seconds)
