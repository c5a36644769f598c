# Copyright the carryall authors.  See LICENSE.
"""The rules of PEP 249 over each database of this runtime, a connection of its own and a lent one.

Each rule is a function of the module and an open connection, with a table ``drinks``.
"""
from __future__ import absolute_import, division, print_function

import datetime

import pytest

from carryall import pep249
from carryall.core.database import PoolSettings
from carryall.core.errors import Unsupported, UsageError
from tests.support import interpreter

INSERT = u'INSERT INTO drinks (name, price, label) VALUES (?, ?, ?)'
NAMES = u'SELECT name FROM drinks ORDER BY name'
SAMPLES = [(u'Ale', 3, pep249.Binary(b'\0\xff')), (u'Bock', 5, None),
           (u'Cider', None, pep249.Binary(b''))]


def filled(connection):
    """A cursor, and the table has the SAMPLES."""
    cursor = connection.cursor()
    cursor.executemany(INSERT, SAMPLES)
    return cursor


def names(cursor):
    """All names in the table."""
    cursor.execute(NAMES)
    return [row[0] for row in cursor.fetchall()]


def rule_commit_keeps(connection):
    filled(connection)
    connection.commit()
    connection.rollback()
    return names(connection.cursor()), [u'Ale', u'Bock', u'Cider']


def rule_rollback_undoes(connection):
    filled(connection)
    connection.rollback()
    return names(connection.cursor()), []


def rule_commit_without_a_transaction_works(connection):
    return connection.commit(), None


def rule_rollback_without_a_transaction_works(connection):
    return connection.rollback(), None


def rule_cursors_share_a_transaction(connection):
    filled(connection)
    return len(names(connection.cursor())), 3


def rule_autocommit_keeps_each_statement(connection):
    connection.autocommit = True
    connection.cursor().execute(INSERT, SAMPLES[0])
    connection.rollback()
    return names(connection.cursor()), [u'Ale']


def rule_description_is_none_before_rows(connection):
    cursor = filled(connection)
    return cursor.description, None


def rule_description_has_a_name_for_each_column(connection):
    cursor = connection.cursor()
    cursor.execute(u'SELECT name, price FROM drinks')
    return [column[0].lower() for column in cursor.description], [u'name', u'price']


def rule_description_has_seven_items(connection):
    cursor = connection.cursor()
    cursor.execute(NAMES)
    return len(cursor.description[0]), 7


def rule_description_is_forgotten(connection):
    cursor = connection.cursor()
    cursor.execute(NAMES)
    cursor.execute(INSERT, SAMPLES[0])
    return cursor.description, None


def rule_rowcount_is_that_of_inserted_rows(connection):
    cursor = connection.cursor()
    cursor.execute(INSERT, SAMPLES[0])
    return cursor.rowcount, 1


def rule_rowcount_is_that_of_all_sets(connection):
    return filled(connection).rowcount, 3


def rule_rowcount_is_that_of_changed_rows(connection):
    cursor = filled(connection)
    cursor.execute(u'UPDATE drinks SET price = 1 WHERE price > ?', (2,))
    return cursor.rowcount, 2


def rule_fetchone_gives_the_rows_and_then_none(connection):
    cursor = filled(connection)
    cursor.execute(NAMES)
    return [cursor.fetchone() for _ in range(4)], [(u'Ale',), (u'Bock',), (u'Cider',), None]


def rule_fetchmany_takes_arraysize(connection):
    cursor = filled(connection)
    cursor.arraysize = 2
    cursor.execute(NAMES)
    return [len(cursor.fetchmany()) for _ in range(3)], [2, 1, 0]


def rule_fetchmany_takes_a_size(connection):
    cursor = filled(connection)
    cursor.execute(NAMES)
    return [len(cursor.fetchmany(each)) for each in (1, 5, 5)], [1, 2, 0]


def rule_fetchall_gives_the_rest(connection):
    cursor = filled(connection)
    cursor.execute(NAMES)
    cursor.fetchone()
    return cursor.fetchall(), [(u'Bock',), (u'Cider',)]


def rule_no_rows_are_an_empty_list(connection):
    cursor = connection.cursor()
    cursor.execute(NAMES)
    return [cursor.fetchall(), cursor.fetchmany(), cursor.fetchone()], [[], [], None]


def rule_a_cursor_is_an_iterator(connection):
    cursor = filled(connection)
    cursor.execute(NAMES)
    return [row[0] for row in cursor], [u'Ale', u'Bock', u'Cider']


def rule_a_cursor_may_fetch_in_pieces(connection):
    filled(connection)
    cursor = connection.cursor(size=2)
    cursor.execute(NAMES)
    return [cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()], [
        (u'Ale',), [(u'Bock',)], [(u'Cider',)]]


def rule_pieces_end_with_another_statement(connection):
    filled(connection)
    cursor = connection.cursor(size=1)
    cursor.execute(NAMES)
    cursor.fetchone()
    cursor.execute(NAMES)
    return len(cursor.fetchall()), 3


def rule_none_is_null(connection):
    cursor = filled(connection)
    cursor.execute(u'SELECT name FROM drinks WHERE price IS NULL')
    return cursor.fetchall(), [(u'Cider',)]


def rule_octets_come_back(connection):
    cursor = filled(connection)
    cursor.execute(u'SELECT label FROM drinks ORDER BY name')
    return cursor.fetchall(), [(b'\0\xff',), (None,), (b'',)]


def rule_a_str_is_text(connection):
    cursor = connection.cursor()
    cursor.execute(INSERT, ('Ale', None, None))
    cursor.execute(u'SELECT name FROM drinks WHERE name = ?', ('Ale',))
    return cursor.fetchall(), [(u'Ale',)]


def rule_marks_in_strings_are_no_parameters(connection):
    cursor = connection.cursor()
    cursor.execute(u"SELECT 'thi%s :may ca%(u)se? troub:1e', name FROM drinks WHERE name = ?",
                   (u'Ale',))
    return cursor.fetchall(), []


def rule_nextset_is_none(connection):
    cursor = connection.cursor()
    cursor.execute(NAMES)
    return cursor.nextset(), None


def rule_sizes_may_be_set(connection):
    cursor = connection.cursor()
    return [cursor.setinputsizes((25,)), cursor.setoutputsize(1000, 0)], [None, None]


def rule_with_commits(connection):
    with connection:
        connection.cursor().execute(INSERT, SAMPLES[0])
    return True, True


RULES = sorted((name, rule) for name, rule in globals().items() if name.startswith('rule_'))


# Each names the error, and what raises it.

def error_interface_fetch_before_a_statement(connection):
    connection.cursor().fetchone()


def error_interface_fetch_after_an_insert(connection):
    cursor = connection.cursor()
    cursor.execute(INSERT, SAMPLES[0])
    cursor.fetchall()


def error_interface_closed_cursor(connection):
    cursor = connection.cursor()
    cursor.close()
    cursor.execute(NAMES)


def error_interface_cursor_of_a_closed_connection(connection):
    cursor = connection.cursor()
    connection.close()
    cursor.execute(NAMES)


def error_interface_commit_after_close(connection):
    connection.close()
    connection.commit()


def error_interface_close_twice(connection):
    connection.close()
    connection.close()


def error_integrity_duplicate_key(connection):
    filled(connection)
    connection.cursor().execute(INSERT, SAMPLES[0])


def error_integrity_null(connection):
    connection.cursor().execute(INSERT, (None, 1, None))


def error_programming_syntax(connection):
    connection.cursor().execute(u'SELEC name FROM drinks')


def error_programming_table(connection):
    connection.cursor().execute(u'SELECT name FROM nowhere')


def error_programming_parameters(connection):
    connection.cursor().execute(INSERT, (u'Ale',))


def error_programming_procedure(connection):
    connection.cursor().callproc(u'lower(name); --', (u'x',))


ERRORS = sorted((name, what) for name, what in globals().items() if name.startswith('error_'))

DRINKS = (u'CREATE TABLE drinks (name VARCHAR(20) NOT NULL PRIMARY KEY, price INTEGER, '
          u'label %s)')


def kinds():
    """The databases of this runtime."""
    found = ['file', 'memory', 'pool']
    return found + ['h2'] if interpreter.JYTHON else found


@pytest.fixture(params=kinds())
def connection(request, tmpdir):
    location = u'sqlite:%s' % tmpdir.join('drinks.db')
    pool = None
    try:
        if request.param == 'pool':
            pool = pep249.ConnectionPool(location)
            made = pool.connect()
        else:
            made = pep249.connect({'file': location, 'memory': u'memory:',
                                   'h2': u'jdbc:h2:mem:drinks'}[request.param])
    except Unsupported as exc:
        pytest.skip(str(exc))
    made.autocommit = True
    made.cursor().execute(DRINKS % u'BLOB')
    made.autocommit = False
    yield made
    try:
        made.close()
    except pep249.InterfaceError:
        pass                    # the test has closed it
    if pool is not None:
        pool.close()


@pytest.mark.parametrize('name, rule', RULES, ids=[name for name, _ in RULES])
def test_a_rule_holds(connection, name, rule):
    found, wanted = rule(connection)
    assert found == wanted


@pytest.mark.parametrize('name, what', ERRORS, ids=[name for name, _ in ERRORS])
def test_a_fault_has_its_class(connection, name, what):
    kind = {'interface': pep249.InterfaceError, 'integrity': pep249.IntegrityError,
            'programming': pep249.ProgrammingError}[name.split('_')[1]]
    with pytest.raises(kind):
        what(connection)


@pytest.mark.parametrize('name', ['Warning', 'Error', 'InterfaceError', 'DatabaseError',
                                  'DataError', 'OperationalError', 'IntegrityError',
                                  'InternalError', 'ProgrammingError', 'NotSupportedError'])
def test_errors_are_attributes_of_a_connection(connection, name):
    assert getattr(connection, name) is getattr(pep249, name)


@pytest.mark.parametrize('name, value', [('apilevel', '2.0'), ('threadsafety', 1),
                                         ('paramstyle', 'qmark')])
def test_the_module_tells_its_form(name, value):
    assert getattr(pep249, name) == value


@pytest.mark.parametrize('value', [
    pep249.Date(2002, 12, 25), pep249.Time(13, 45, 30), pep249.Timestamp(2002, 12, 25, 13, 45, 30),
    pep249.DateFromTicks(1.0), pep249.TimeFromTicks(1.0), pep249.TimestampFromTicks(1.0)])
def test_a_time_is_one_of_datetime(value):
    assert isinstance(value, (datetime.date, datetime.time))


def test_octets_are_binary():
    assert pep249.Binary(b'\0\1') == b'\0\1'


def test_a_wrong_location_is_told():
    with pytest.raises(UsageError):
        pep249.connect(u'nowhere')


def test_a_connection_is_lent_again(tmpdir):
    try:
        pool = pep249.ConnectionPool(u'sqlite:%s' % tmpdir.join('a.db'),
                                     PoolSettings(max_connections=1))
        pool.connect().close()
    except Unsupported as exc:
        pytest.skip(str(exc))
    pool.connect().close()
    pool.close()


def test_a_pool_that_is_exhausted_says_so(tmpdir):
    try:
        pool = pep249.ConnectionPool(u'sqlite:%s' % tmpdir.join('a.db'),
                                     PoolSettings(max_connections=1, wait_seconds=0.05))
        lent = pool.connect()
    except Unsupported as exc:
        pytest.skip(str(exc))
    with pytest.raises(pep249.OperationalError):
        pool.connect()
    lent.close()
    pool.close()
