# Copyright the carryall authors.  See LICENSE.
"""`carryall test-server` obeys lines of JSON, and ends at the end of its input."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.jsonvalues import dump_line, parse_line
from tests.commands.processes import LIMIT, Child

pytestmark = pytest.mark.limit(LIMIT)


class Asked(Child):
    """The program."""

    def __init__(self):
        Child.__init__(self, 'carryall', 'test-server')

    def write(self, data):
        """Sends octets."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, **question):
        """The answer to a question."""
        self.write(dump_line(question))
        return parse_line(self.line().encode('ascii'))


def test_questions_are_answered_until_the_end_of_stdin(tmpdir):
    with Asked() as asked:
        begun = asked.ask(id=1, do=u'begin', kind=u'http', options={}, folder=u'%s' % tmpdir)
        assert begun['id'] == 1
        number, places = begun['value']
        assert places[0][:2] == [u'http', u'127.0.0.1']
        told = asked.ask(id=2, do=u'call', number=number, name=u'respond',
                         options={'path': u'/a', 'body': b'\x00\xff'})
        assert told == {'id': 2, 'value': 1}
        assert asked.ask(id=3, do=u'call', number=number, name=u'came', options={})['value'] == []
        assert asked.ask(id=4, do=u'stop', number=number)['value'] is None
        assert asked.ask(id=5, do=u'restart', number=number, options={})['value'] == places
        assert asked.ask(id=6, do=u'end', number=number)['value'] is None
        asked.process.stdin.close()
        status, output, errors = asked.finish()
        assert (status, output) == (0, '')


def test_a_wrong_question_is_told_and_the_next_is_answered():
    with Asked() as asked:
        for question, kind in (
                ({'do': u'nonsense'}, u'usage'), ({'do': u'begin', 'kind': u'nonsense'}, u'usage'),
                ({'do': u'call', 'number': 7, 'name': u'came'}, u'usage'),
                ({'do': u'begin', 'kind': u'ftp', 'options': {'root': u'/no/such'}}, u'usage')):
            answer = asked.ask(id=1, **question)
            assert answer['id'] == 1
            assert answer['fault']['kind'] == kind
            assert answer['fault']['text']
        asked.write(b'nonsense\n')
        assert parse_line(asked.line().encode('ascii'))['fault']['kind'] == u'usage'
        assert 'value' in asked.ask(id=2, do=u'begin', kind=u'tcp', options={})


def test_relative_paths_begin_at_the_folder_of_the_question(tmpdir):
    tmpdir.mkdir('site')
    with Asked() as asked:
        answer = asked.ask(id=1, do=u'begin', kind=u'type', folder=u'%s' % tmpdir,
                           options={'type': u'ftp', 'words': [u'--root', u'site']})
        assert answer['value'][1][0][0] == u'ftp'
