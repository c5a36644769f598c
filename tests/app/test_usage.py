# Copyright the carryall authors.  See LICENSE.
"""The help text of a schema."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.options import Argument, Flag, Form, Integer, Option, Path, Schema, Seconds, Text
from carryall.app.usage import bounded_width, columns, help_text, wrap

SCHEMA = Schema([
    Option('root', Path('folder'), short='r', required=True, help='what to serve'),
    Option('idle', Seconds(), default='5m', help='how long a connection may be idle'),
    Option('index', Text(1), short='i', repeat=True, aliases=('first',), help='file to show'),
    Option('lines', Integer(0, 99, 'lines'), default='20', group='paper', help='of a page'),
    Flag('cache', default=True, help='keep files'),
    Flag('verbose', short='v', help='say more')],
    examples=[('carryall web --root site', 'the folder site')])

EXPECTED = u'''\
usage: carryall web --root FOLDER [options]

serves a folder

options:
  -r, --root FOLDER       what to serve (required)
      --idle SECONDS      how long a connection may be idle (default: 5m)
  -i, --index TEXT        file to show (may be repeated; also: --first)
      --cache             keep files (on by default: --no-cache)
  -v, --verbose           say more
      --help              show this text

paper:
      --lines N           of a page (default: 20; unit: lines)

examples:
  carryall web --root site
      the folder site
'''


def test_the_help_shows_options_groups_and_examples():
    """Usage, options with defaults and units, groups, examples."""
    text = help_text('carryall web', SCHEMA, 'serves a folder')
    assert text == EXPECTED, text


def test_arguments_and_forms():
    """Words without dashes, and sub-forms."""
    text = help_text('get', Schema([], arguments=[Argument('url', Text(), 'what to fetch'),
                                                  Argument('file', Path(), required=False,
                                                           repeat=True)]), 'fetches')
    assert text.startswith(u'usage: get [options] URL [FILE ...]\n'), text
    assert u'\narguments:\n  URL                     what to fetch\n' in text, text
    text = help_text('news', Schema([], forms=[Form('dbapi', SCHEMA, 'in a database')]), 'news',
                     'The end.\n')
    assert text.startswith(u'usage: news [options] [dbapi ...]\n'), text
    assert u'  dbapi                   in a database\n' in text, text
    assert text.endswith(u'\n\nThe end.\n'), text


def test_no_line_of_the_help_is_too_wide():
    """No line is longer than a terminal's, unless one word is."""
    schema = Schema([Option('a-name-that-is-rather-long', Text(), help=' '.join(['word'] * 60))])
    lines = help_text('x', schema, ' '.join(['word'] * 60)).split(u'\n')
    assert max(len(line) for line in lines) <= 79, lines
    assert u'      --a-name-that-is-rather-long TEXT' in lines


def test_wrapping_does_not_cut_words():
    """Words are not cut."""
    assert wrap(u'aa bb cc', width=5) == [u'aa bb', u'cc']
    assert wrap(u'aa bb', indent=2, width=5) == [u'  aa', u'  bb']
    assert wrap(u'aaaaaaaaaa b', width=5) == [u'aaaaaaaaaa', u'b']
    assert wrap(u'') == []


def test_columns_put_names_left_and_text_right():
    """Names on the left, text on the right."""
    assert columns([(u'a', u'x'), (u'abcdef', u'y'), (u'b', u'')],
                   5) == [u'a    x', u'abcdef', u'     y', u'b']


LAYERS = Schema([Option('port', Integer(), group='listening'), Option('rare', Integer()),
                 Option('must', Integer(), required=True)], first=('port',))


def test_the_first_layer_shows_the_options_that_one_needs():
    text = help_text('x', LAYERS, 'x', everything=False)
    assert u'--port' in text


def test_the_first_layer_leaves_out_the_others():
    assert u'--rare' not in help_text('x', LAYERS, 'x', everything=False)


def test_the_first_layer_shows_options_that_must_be_given():
    assert u'--must N' in help_text('x', LAYERS, 'x', everything=False)


def test_the_first_layer_says_how_to_see_all_options():
    assert u'--help all          show all 3 options' in help_text('x', LAYERS, 'x',
                                                                   everything=False)


def test_the_second_layer_shows_all_options():
    assert u'--rare' in help_text('x', LAYERS, 'x')


def test_an_unknown_first_option_is_a_fault_of_the_schema():
    with pytest.raises(ValueError):
        Schema([], first=('port',))


def test_a_long_help_is_cut_although_the_schema_has_no_first_layer():
    schema = Schema([Option('a%d' % number, Integer(), help='x') for number in range(70)])
    assert help_text('x', schema, 'x', everything=False).count(u'\n') < 20


@pytest.mark.parametrize('columns, width', [(None, 79), (0, 79), (80, 79), (100, 99), (20, 40),
                                            (400, 120)])
def test_the_help_is_as_wide_as_the_terminal_within_bounds(columns, width):
    assert bounded_width(columns) == width


def test_a_narrow_terminal_gets_narrow_lines():
    schema = Schema([Option('a', Text(), help=' '.join(['word'] * 60))])
    lines = help_text('x', schema, ' '.join(['word'] * 60), width=40).split(u'\n')
    assert max(len(line) for line in lines) <= 40


@pytest.mark.parametrize('command, shown', [
    ('x --a 1 --b 2', ['  x --a 1 --b 2']),
    ('x ' + ' '.join(['--long word'] * 4),
     ['  x --long word --long word --long \\', '    word --long word']),
    ('x -a 1 -b "%s"' % ' '.join(['word'] * 9),
     ['  x -a 1 -b "%s"' % ' '.join(['word'] * 9)])])
def test_a_long_example_goes_on_behind_a_backslash(command, shown):
    schema = Schema([], examples=[(command, 'what it does')])
    lines = help_text('x', schema, 'x', width=40).split(u'\n')
    at = lines.index(u'examples:') + 1
    assert lines[at:at + len(shown)] == shown
    assert lines[at + len(shown)] == u'      what it does'
