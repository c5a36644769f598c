# Copyright the carryall authors.  See LICENSE.
"""Typed option values: attributes, checks, equality, and the dict of a tap."""
from __future__ import absolute_import, division, print_function

import warnings

import pytest

from carryall.app.options import Flag, Form, Integer, Option, Schema, Text
from carryall.app.optionvalues import OptionValues, attribute_name, named, plain, value_of
from carryall.core.compat import text_type
from carryall.core.errors import UsageError

SCHEMA = Schema([
    Option('max-connections', Integer(1, 99), short='m', default='20'),
    Option('word', Text(1), repeat=True),
    Option('password', Text(1), secret=True),
    Option('from', Text(1)),
    Option('get', Text(1)),
    Flag('list')], name='sample')
FORMS = Schema([Flag('loud')], forms=[Form('file', Schema([Option('name', Text(1))]))])


def test_each_option_is_an_attribute():
    """Its name has `_` for `-`, and one more behind a keyword."""
    options = SCHEMA.parse(['-m', '5', '--word=a', '--word=b', '--list', '--from', 'x',
                            '--get', 'y'])
    assert isinstance(options, OptionValues)
    assert options.max_connections == 5
    assert options.word == [u'a', u'b']
    assert options.list is True
    assert options.password is None
    assert options.from_ == u'x'
    assert options.get == u'y'


def test_an_unknown_name_is_an_error_that_names_the_type():
    """Read or set."""
    options = SCHEMA.parse([])
    with pytest.raises(AttributeError) as caught:
        options.max_conections
    assert str(caught.value) == 'the options of sample have no max_conections'
    with pytest.raises(AttributeError) as caught:
        options.max_conections = 5
    assert str(caught.value) == 'the options of sample have no max_conections'
    with pytest.raises(AttributeError):
        options.form = u'x'


def test_an_assigned_value_is_checked_as_one_of_the_command_line():
    """A wrong one leaves the value as it was."""
    options = SCHEMA.parse([])
    options.max_connections = 99
    for wrong in (100, u'5', 0, True):
        with pytest.raises(UsageError) as caught:
            options.max_connections = wrong
        assert caught.value.message.startswith(u'option max-connections: ')
    assert options.max_connections == 99


def test_values_are_equal_if_all_are_and_the_schema_is_one():
    """Another schema with the same options is another thing."""
    assert SCHEMA.parse(['-m', '5']) == SCHEMA.parse(['--max-connections=5'])
    assert SCHEMA.parse(['-m', '5']) != SCHEMA.parse([])
    assert Schema([Flag('a')]).parse([]) != Schema([Flag('a')]).parse([])
    with pytest.raises(TypeError):
        hash(SCHEMA.parse([]))


def test_the_representation_shows_no_secret():
    """But that there is one."""
    shown = repr(SCHEMA.parse(['--password', 'xyzzy', '-m', '5']))
    assert 'xyzzy' not in shown
    assert shown.startswith('<the options of sample: max_connections=5, ')
    assert 'password=***' in shown
    assert 'password=None' in repr(SCHEMA.parse([]))


def test_a_dict_for_a_tap_and_back():
    """Its keys are text, its lists are its own, and a form is a dict in it."""
    options = SCHEMA.parse(['--word', 'a', '--from', 'x'])
    values = plain(options)
    assert values == {u'max_connections': 20, u'word': [u'a'], u'password': None, u'from': u'x',
                      u'get': None, u'list': False}
    assert [key for key in values if not isinstance(key, text_type)] == []
    assert SCHEMA.complete(values) == options
    values[u'word'].append(u'b')
    assert options.word == [u'a']
    nested = FORMS.parse(['file', '--name', 'x'])
    assert plain(nested) == {u'loud': False, u'form': u'file', u'form_values': {u'name': u'x'}}
    assert nested.form_values.name == u'x'
    assert FORMS.complete(plain(nested)).form_values.name == u'x'
    assert plain(plain(nested)) == plain(nested)


def test_values_of_an_extended_schema_can_be_narrowed():
    """They are then those of the first."""
    wider = SCHEMA.extended([Flag('trace')])
    assert SCHEMA.narrowed(wider.parse(['-m', '5', '--trace'])) == SCHEMA.parse(['-m', '5'])


def test_several_values_with_the_names_of_their_options():
    """For a check that treats them alike."""
    assert named(SCHEMA.parse(['-m', '5']), 'max_connections',
                 'from_') == [('max-connections', 5), ('from', None)]
    assert value_of({u'list': True}, SCHEMA.options[-1]) is True


@pytest.mark.parametrize('name', ['3way', 'a.b', '', '_x', 'a b'])
def test_a_name_that_cannot_be_an_attribute_is_refused(name):
    """By the program that declares the option."""
    with pytest.raises(ValueError):
        attribute_name(name)
    with pytest.raises(ValueError):
        Option(name, Text())


# -- as the dict that values were before --------------------------------------------------------

@pytest.mark.parametrize('ask', [
    lambda options: options['word'], lambda options: options[u'word'],
    lambda options: dict(options)['word'],
    lambda options: dict(OptionValues.items(options))['word'],
    lambda options: OptionValues.get(options, 'word')])
def test_a_type_that_asks_by_key_gets_the_value_and_a_warning(ask):
    """The warning names the attribute."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        assert ask(SCHEMA.parse(['--word', 'a'])) == [u'a']
    assert caught[0].category is DeprecationWarning
    texts = [str(warning.message) for warning in caught]
    assert "the options of sample are attributes now: .word in place of ['word']" in texts


def test_a_type_that_sets_by_key_is_checked_too():
    """With the same warning."""
    options = SCHEMA.parse([])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        options['max_connections'] = 7
        with pytest.raises(UsageError):
            options['max_connections'] = 0
        with pytest.raises(KeyError):
            options['nope']
    assert options.max_connections == 7
    assert len(caught) == 2


def test_the_keys_are_those_of_the_dict():
    """To ask for them costs no warning."""
    options = FORMS.parse([])
    assert list(options) == options.keys() == [u'loud', u'form', u'form_values']
    assert u'loud' in options
    assert u'nope' not in options
    assert options.get('nope', 5) == 5
