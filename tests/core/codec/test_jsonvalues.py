# Copyright the carryall authors.  See LICENSE.
"""Plain values go to another process and come back as they were."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.jsonvalues import dump_line, parse_line
from carryall.core.errors import RemoteProtocolError


@pytest.mark.parametrize('value', [
    None, True, 7, 1.5, u'text', u'\u20ac', b'octets', b'\x00\xff', [1, b'a', u'b'],
    {'a': {'b': b'c'}}, {'octets': u'no octets'}, {'object': 1}, {'octets': b'x', 'more': 1}])
def test_a_value_comes_back_as_it_was(value):
    back = parse_line(dump_line(value))
    assert back == value
    assert type(back) is type(value)


def test_a_tuple_comes_back_as_a_list():
    assert parse_line(dump_line((1, 2))) == [1, 2]


def test_a_value_is_one_line():
    line = dump_line({'a': u'x\ny', 'b': b'x\ny'})
    assert line.count(b'\n') == 1
    assert line.endswith(b'\n')


def test_an_object_of_this_process_is_refused():
    with pytest.raises(TypeError):
        dump_line([object()])


@pytest.mark.parametrize('line', [b'', b'{', b'{"octets": "\xff"}', b'{"octets": "a"}', b'nul'])
def test_a_broken_line_is_refused(line):
    with pytest.raises(RemoteProtocolError):
        parse_line(line)
