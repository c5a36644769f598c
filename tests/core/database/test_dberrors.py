# Copyright the carryall authors.  See LICENSE.
"""Errors by SQL's states."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core import database
from carryall.core.database import error_of

STATES = [
    ('23505', database.UniqueViolation), ('23503', database.IntegrityError),
    ('22003', database.DataError), ('42601', database.ProgrammingError),
    ('40001', database.SerializationFailure), ('40P01', database.SerializationFailure),
    ('55P03', database.DatabaseLocked), ('57014', database.StatementCancelled),
    ('57P01', database.ConnectionGone), ('08006', database.ConnectionGone),
    ('53100', database.StorageFull), ('53300', database.OperationalError),
    ('0A000', database.NotSupportedError), ('XX000', database.InternalError),
    ('25P02', database.InternalError), ('99999', database.DatabaseError),
]


@pytest.mark.parametrize('state, kind', STATES)
def test_a_state_has_a_class(state, kind):
    assert type(error_of(state, u'no')) is kind


@pytest.mark.parametrize('state, _', STATES)
def test_an_error_tells_its_state(state, _):
    assert error_of(state, u'no').sqlstate == state


def test_a_class_of_ours_has_a_state_of_its_own():
    assert database.UniqueViolation(u'no').sqlstate == '23505'


@pytest.mark.parametrize('name', ['DataError', 'IntegrityError', 'InternalError',
                                  'NotSupportedError', 'OperationalError', 'ProgrammingError'])
def test_the_classes_of_pep_249_are_database_errors(name):
    assert issubclass(vars(database)[name], database.DatabaseError)


def test_an_interface_error_is_no_database_error():
    assert not issubclass(database.InterfaceError, database.DatabaseError)
