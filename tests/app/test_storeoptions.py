# Copyright the carryall authors.  See LICENSE.
"""The option --store: what it takes, and the store that it gives."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.datastore import StoreSchema, Table
from carryall.app.options import Schema
from carryall.app.storeoptions import StoreOptions
from carryall.core.errors import UsageError

NOTES = StoreSchema('notes', [Table('notes', ['id'], ['id'])],
                    [[u'CREATE TABLE notes (id {integer} PRIMARY KEY)']])


def store_of(words, **chosen):
    """The store for the words of a command line."""
    group = StoreOptions(NOTES, **chosen)
    return group.store(Schema([group]).parse(words))


def test_without_a_location_there_is_no_store():
    assert store_of([]) is None


def test_a_default_is_a_location():
    assert store_of([], default='memory:').location == u'memory:'


def test_a_file_is_made_absolute(tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    assert store_of(['--store', 'sqlite:notes.db']).location.endswith(u'/notes.db')


def test_a_server_is_a_location():
    location = u'postgresql://anna:secret@127.0.0.1/notes'
    assert store_of(['--store', location]).location == location


def test_the_store_has_the_schema_of_the_service():
    assert store_of(['--store', 'memory:']).schema is NOTES


def test_another_name_is_possible():
    assert store_of(['--news-store', 'memory:'], name='news-store').location == u'memory:'


@pytest.mark.parametrize('location', ['notes.db', 'sqlite:', 'oracle:x', ''])
def test_other_words_are_refused(location):
    with pytest.raises(UsageError):
        store_of(['--store', location])


def test_the_option_is_a_secret():
    assert StoreOptions(NOTES).options[0].secret


def test_a_missing_folder_is_a_problem(tmpdir):
    schema = Schema([StoreOptions(NOTES)])
    options = schema.parse(['--store', 'sqlite:%s' % tmpdir.join('missing', 'notes.db')])
    assert len(schema.problems(options)) == 1


def test_a_folder_that_exists_is_no_problem(tmpdir):
    schema = Schema([StoreOptions(NOTES)])
    assert schema.problems(schema.parse(['--store', 'sqlite:%s' % tmpdir.join('notes.db')])) == []
