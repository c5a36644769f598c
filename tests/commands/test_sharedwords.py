# Copyright the carryall authors.  See LICENSE.
"""Words that a client and a service of one name share go to one of the two."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.options import Argument, Flag, Option, Schema
from carryall.app.optiontypes import Integer, Text
from carryall.commands.sharedwords import seems_meant
from carryall.core.errors import UsageError

CLIENT = Schema([Flag('long', short='l'), Option('port', Integer(1, 9), short='p', default='7')],
                arguments=[Argument('who', Text(1, 9))])


@pytest.mark.parametrize('words', [['ann'], ['-l', 'ann'], ['-p', '7', 'ann'], [u'ann']])
def test_words_with_the_argument_of_the_client_are_for_it(words):
    assert seems_meant(CLIENT, words).who == u'ann'


@pytest.mark.parametrize('words', [[], ['-l'], ['-p', '7'], ['--folder', 'x']])
def test_words_without_it_are_for_the_service(words):
    assert seems_meant(CLIENT, words) is None


@pytest.mark.parametrize('words', [['ann', '-p', '10'], ['ann', 'bert'], ['ann', '--bogus']])
def test_words_that_begin_with_it_are_for_the_client_right_or_wrong(words):
    with pytest.raises(UsageError):
        seems_meant(CLIENT, words)
