# Copyright the carryall authors.  See LICENSE.
"""Schemas: the command line, the values, the checks, and the way back."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app import options
from carryall.core.compat import text_type
from carryall.core.errors import UsageError
from carryall.app.options import (
    Argument, Endpoint, Flag, Form, HelpRequested, Integer, Option, Pair, Path, Port, Schema,
    Text, plain)

SCHEMA = Schema([
    Option('port', Endpoint(), short='p', default='tcp:8080', help='where to listen'),
    Option('index', Text(1), short='i', repeat=True, help='file to show for a folder'),
    Option('mime_type', Pair(), short='m', repeat=True, aliases=('mimeType',),
           help='type of the files with this ending'),
    Option('depth', Integer(0, 9)),
    Flag('verbose', short='v', help='say more'),
    Flag('quiet', short='q'),
    Flag('notracebacks', short='n'),
    Flag('cache', default=True, help='keep files')])


def given(*words):
    """The values that differ from the defaults."""
    values = plain(SCHEMA.parse(words))
    defaults = plain(SCHEMA.defaults())
    return dict((key, value) for key, value in values.items() if value != defaults[key])


def complaint(schema, *words):
    """The sentence with which these words are refused."""
    with pytest.raises(UsageError) as caught:
        schema.parse(words)
    assert '\n' not in caught.value.message
    return caught.value.message


def test_every_option_has_a_default():
    """Every option has its key, whatever was given."""
    assert plain(SCHEMA.parse([])) == {
        u'port': u'tcp:8080', u'index': [], u'mime_type': [], u'depth': None, u'verbose': False,
        u'quiet': False, u'notracebacks': False, u'cache': True}
    assert all(isinstance(key, text_type) for key in plain(SCHEMA.parse([]))), \
        'keys are text on 2.x too'


def test_defaults_are_fresh():
    """Two results share no list."""
    SCHEMA.parse([]).index.append(1)
    assert SCHEMA.parse([]).index == []


@pytest.mark.parametrize('words, expected', [
    (['--port', '80'], {u'port': u'tcp:80'}),
    (['--port=80'], {u'port': u'tcp:80'}),
    (['-p', '80'], {u'port': u'tcp:80'}),
    (['-p80'], {u'port': u'tcp:80'}),
    (['-p80', '--port=81'], {u'port': u'tcp:81'}),
    (['--index=a', '-ib', '-i', 'c'], {u'index': [u'a', u'b', u'c']}),
    (['--mime-type=.x=text/x'], {u'mime_type': [(u'.x', u'text/x')]}),
    (['--mime_type', '.x=text/x'], {u'mime_type': [(u'.x', u'text/x')]}),
    (['--mimeType', '.x=text/x'], {u'mime_type': [(u'.x', u'text/x')]}),
    (['-v'], {u'verbose': True}),
    (['-vq'], {u'verbose': True, u'quiet': True}),
    (['-vp80'], {u'verbose': True, u'port': u'tcp:80'}),
    (['-vqp', '80'], {u'verbose': True, u'quiet': True, u'port': u'tcp:80'}),
    (['--no-cache'], {u'cache': False}),
    (['--no_cache'], {u'cache': False}),
    (['--no-cache', '--cache'], {}),
    (['-v', '--no-verbose'], {}),
    (['--notracebacks'], {u'notracebacks': True}),
    (['--depth=0'], {u'depth': 0}),
    (['--index=-x'], {u'index': [u'-x']}),
    (['--index', '-x'], {u'index': [u'-x']}),
    (['--index==', '-v'], {u'index': [u'='], u'verbose': True}),
    ([u'--index=\xe9'.encode('utf-8')], {u'index': [u'\xe9']}),
    (['--'], {}),
])
def test_every_spelling_of_an_option_is_read(words, expected):
    """Every way to write an option."""
    assert given(*words) == expected


@pytest.mark.parametrize('words, sentence', [
    (['--nope'], 'there is no option --nope'),
    (['--prot=80'], 'did you mean --port?'),
    (['--port'], '--port needs a value: --port ENDPOINT'),
    (['-p'], '-p needs a value'),
    (['--port=x'], 'option --port: "x" is not an endpoint'),
    (['-px'], 'option -p: "x" is not an endpoint'),
    (['-z'], 'there is no option -z'),
    (['-vz'], 'there is no option -z'),
    (['--verbose=1'], '--verbose takes no value'),
    (['--no-port'], 'there is no option --no-port'),
    (['--no-cache=1'], 'there is no option --no-cache'),
    (['site'], 'what is "site"? every option begins with a dash'),
    (['-'], 'what is "-"?'),
    (['--', '-v'], 'what is "-v"?'),
    (['--index='], 'option --index: a text of 1'),
    (['--depth=10'], 'from 0 to 9'),
    ([b'\xff'], 'UTF-8'),
    ([u'--\xe9'], u'there is no option --\xe9'),
    (['--mime-type=x'], 'NAME=VALUE'),
])
def test_bad_command_line(words, sentence):
    """One sentence with the name of the option."""
    assert sentence in complaint(SCHEMA, *words)


def test_options_of_old():
    """A former option is refused with its replacement; it is neither among the values nor in the
    help."""
    schema = Schema([Flag('quiet', short='q')],
                    former={'telnet': u'use "telnet"', 't': u'use "telnet"'})
    for made in (schema, schema.extended([Flag('more')])):
        assert complaint(made, '--telnet', '8') == complaint(
            made, '--telnet=8') == 'option --telnet: use "telnet"'
        assert complaint(made, '-t8') == complaint(made, '-qt', '8') == 'option -t: use "telnet"'
        assert 'telnet' not in plain(made.parse([])) and 't' not in plain(made.parse([]))
    assert 'no option --tel' in complaint(schema, '--tel')


def test_help_wins_over_the_other_words():
    """--help, and -h where it is free, win over what follows."""
    for words in (['--help'], ['-h'], ['-vh'], ['-v', '--help', '--nope']):
        with pytest.raises(HelpRequested):
            SCHEMA.parse(words)
    taken = Schema([Option('host', Text(), short='h')])
    assert plain(taken.parse(['-h', 'x'])) == {u'host': u'x'}
    with pytest.raises(HelpRequested):
        taken.parse(['--help'])


def test_words_and_repeats_are_limited(monkeypatch):
    """Words and repeats are bounded."""
    monkeypatch.setattr(options, 'MAX_REPEATS', 3)
    assert len(given('-ia', '-ia', '-ia')[u'index']) == 3
    assert 'more than 3' in complaint(SCHEMA, *['-ia'] * 4)
    monkeypatch.setattr(options, 'MAX_WORDS', 5)
    assert 'more than 5' in complaint(SCHEMA, *['-v'] * 6)


def test_names_are_unique():
    """A schema that contradicts itself is a mistake of ours."""
    for rows in ([Flag('a'), Flag('a')], [Flag('a', short='x'), Flag('b', short='x')],
                 [Flag('a-b'), Option('c', Text(), aliases=('a_b',))]):
        with pytest.raises(ValueError):
            Schema(rows)
    with pytest.raises(ValueError):
        Option('a', Text(), repeat=True, default='x')


def test_required_and_check():
    """Missing required options and contradictions are refused."""
    def check(values):
        if values.a == values.b:
            raise UsageError(u'a and b must differ')

    schema = Schema([Option('a', Text(), required=True), Option('b', Text())], check=check)
    assert complaint(schema) == 'option --a must be given'
    assert complaint(schema, '--a=x', '--b=x') == 'a and b must differ'
    assert plain(schema.parse(['--a=x'])) == {u'a': u'x', u'b': None}
    assert plain(schema.parse_head(['--b=y', 'c'])[0]) == {u'a': None, u'b': u'y'}


def test_parse_head_stops_at_the_first_word():
    """Options up to the first word; the rest is for somebody else."""
    values, rest = SCHEMA.parse_head(['-v', '--port', '80', 'web', '-q', '--port=x'])
    assert (values.verbose, values.quiet, values.port) == (True, False, u'tcp:80')
    assert rest == [u'web', u'-q', u'--port=x']
    assert SCHEMA.parse_head(['-v', '--', '-q'])[1] == [u'-q']


# -- arguments and forms -----------------------------------------------------

FETCH = Schema([Flag('verbose', short='v')],
               arguments=[Argument('url', Text(1)), Argument('file', Path(), required=False),
                          Argument('more', Port(), required=False, repeat=True)])


def test_arguments_are_taken_by_position():
    """Words without dashes, by their position, wherever the options stand."""
    assert plain(FETCH.parse(['http://x/', '-v'])) == {u'url': u'http://x/', u'file': None,
                                                       u'more': [], u'verbose': True}
    values = FETCH.parse(['-v', 'u', '/f', '1', '2'])
    assert (values.url, values.more) == (u'u', [1, 2])
    assert complaint(FETCH) == 'URL must be given'
    assert 'MORE: "x" is not a port' in complaint(FETCH, 'u', 'f', 'x')
    assert FETCH.parse(['--', '-u']).url == u'-u'
    assert 'too many words' in complaint(Schema([], arguments=[Argument('a', Text())]), 'x', 'y')


NEWS = Schema([Option('port', Port(), short='p', default='119')], forms=[
    Form('pickle', Schema([Option('file', Text(1), default='news.db')]), 'one file'),
    Form('dbapi', Schema([Option('schema', Text(1), required=True), Option('port', Port())]),
         'a database')])


def test_a_form_brings_its_own_options():
    """A word that brings options of its own."""
    assert plain(NEWS.parse([])) == {u'port': 119, u'form': None, u'form_values': None}
    assert plain(NEWS.parse(['-p', '120', 'pickle'])) == {
        u'port': 120, u'form': u'pickle', u'form_values': {u'file': u'news.db'}}
    values = NEWS.parse(['dbapi', '--schema=x', '--port', '5432'])
    assert plain(values) == {u'port': 119, u'form': u'dbapi',
                             u'form_values': {u'schema': u'x', u'port': 5432}}
    assert NEWS.complete(values) == values
    assert NEWS.parse(NEWS.words(values)) == values
    assert 'none of pickle, dbapi' in complaint(NEWS, 'mbox')
    assert complaint(NEWS, 'dbapi') == 'option --schema must be given'
    with pytest.raises(ValueError):
        Schema([], arguments=[Argument('a', Text())], forms=NEWS.forms)


@pytest.mark.parametrize('values', [
    {u'port': 119, u'form': u'mbox', u'form_values': {}},
    {u'port': 119, u'form': u'pickle', u'form_values': None},
    {u'port': 119, u'form': None, u'form_values': {}},
    {u'port': 119, u'form': u'pickle', u'form_values': {u'x': 1}}])
def test_bad_forms_in_a_tap(values):
    """A form that is none, or has the values of another."""
    with pytest.raises(UsageError):
        NEWS.complete(values)


# -- values ------------------------------------------------------------------

def test_words_are_the_way_back():
    """The shortest command line that gives the same values."""
    for words in ([], ['-v', '--no-cache', '-ia', '-i', u'b c', '-p', 'tcp:1:interface=[::1]', '-m',
                       '.a=b=c', '--depth=3']):
        values = SCHEMA.parse(words)
        back = SCHEMA.words(values)
        assert SCHEMA.parse(back) == values, back
    assert SCHEMA.words(SCHEMA.parse([])) == []
    values = FETCH.parse(['u', '/f', '5'])
    assert FETCH.words(values) == [u'u', values.file, u'5']


def test_complete_fills_in_new_defaults():
    """The values of a tap are checked; options that are newer than the tap get their defaults."""
    values = SCHEMA.parse(['-v'])
    assert SCHEMA.complete(values) == values
    older = plain(values)
    del older[u'depth'], older[u'cache']
    assert SCHEMA.complete(older) == values


@pytest.mark.parametrize('changes, sentence', [
    ({u'color': u'red'}, 'there is no option color'),
    ({u'port': u'80'}, 'option port: "80" is not the canonical'),
    ({u'port': 80}, 'option port'),
    ({u'index': u'a'}, 'option index: a list'),
    ({u'index': [1]}, 'option index: a text'),
    ({u'index': (u'a',)}, 'option index: a list'),
    ({u'mime_type': [[u'a', u'b']]}, 'option mime-type: a pair'),
    ({u'verbose': 1}, 'option verbose: true or false'),
    ({u'verbose': None}, 'option verbose: true or false'),
    ({u'depth': 10}, 'option depth'),
])
def test_complete_refuses_a_bad_value_by_name(changes, sentence):
    """A value that no command line gives is refused by the option's name."""
    values = plain(SCHEMA.parse([]))
    values.update(changes)
    with pytest.raises(UsageError) as caught:
        SCHEMA.complete(values)
    assert sentence in caught.value.message, caught.value.message


def test_complete_of_no_dict():
    """A tap may hold anything."""
    with pytest.raises(UsageError):
        SCHEMA.complete([])


def test_required_in_a_tap():
    """None does not stand for what must be there."""
    schema = Schema([Option('a', Text(), required=True)])
    with pytest.raises(UsageError):
        schema.complete({u'a': None})


def test_problems_and_endpoints(tmpdir):
    """The questions of a check to a schema."""
    schema = Schema([Option('path', Path('folder')), Option('port', Endpoint(), repeat=True),
                     Option('web', Port())])
    values = schema.parse(['--path', str(tmpdir.join('none')), '--port=1', '--port=udp:2',
                           '--web=3'])
    assert schema.problems(values) == [u'option --path: there is no folder %s' % tmpdir.join(
        'none')]
    assert schema.endpoints(values) == [u'tcp:1', u'udp:2']
    assert schema.problems(schema.parse(['--path', str(tmpdir)])) == []
    named = Schema([], [Argument('file', Path('file'))])
    assert named.problems(named.parse([str(tmpdir.join('x'))])) \
        == [u'FILE: there is no file %s' % tmpdir.join('x')]


def test_an_extended_schema_leaves_the_original_as_it_was():
    """A command adds options of its own; the type's schema stays as it was."""
    wider = SCHEMA.extended([Flag('trace')])
    assert wider.parse(['--trace', '-v']).trace is True
    assert 'no option --trace' in complaint(SCHEMA, '--trace')
    bare = Option('port', Port(), short='p').without_short()
    assert (bare.short, bare.name) == (None, 'port')


NAMES = Schema([
    Option('port', Endpoint(), short='p', default='tcp:8080', help='where'),
    Option('root', Path('folder'), help='what'),
    Option('interface', Text(1, 100), help='which'),
    Option('passwords', Path('file'), help='who')])


@pytest.mark.parametrize('words, key, value', [
    (['--path', '/'], u'root', u'/'), (['--directory=/'], u'root', u'/'),
    (['--bind', '::1'], u'interface', u'::1'), (['--accounts=/x'], u'passwords', u'/x'),
    (['8000'], u'port', u'tcp:8000'), (['/'], u'root', u'/'), (['/', '8000'], u'port', u'tcp:8000'),
    (['-p', '8000', '/'], u'root', u'/')])
def test_names_of_other_types_and_bare_words_are_understood(words, key, value):
    assert plain(NAMES.parse(words, bare=True))[key] == value, words


@pytest.mark.parametrize('words, sentence', [
    (['8000', '8001'], 'what is "8001"? --port is given already'),
    (['/', '/tmp'], 'what is "/tmp"? --root is given already'),
    (['--root', '/', '/tmp'], 'what is "/tmp"? --root is given already'),
    (['--path'], '--root needs a value'), (['--'], None), (['--', '-x'], 'what is "-x"?')])
def test_a_bare_word_gives_no_option_twice(words, sentence):
    if sentence is None:
        assert NAMES.parse(words, bare=True) == NAMES.defaults()
    else:
        with pytest.raises(UsageError) as caught:
            NAMES.parse(words, bare=True)
        assert sentence in caught.value.message


def test_a_bare_word_of_a_tap_is_refused():
    assert 'what is "/"?' in complaint(NAMES, '/')


def test_a_name_of_the_vocabulary_that_could_be_two_options_is_unknown():
    both = Schema([Option('root', Path()), Option('path', Path())])
    assert 'there is no option --directory' in complaint(both, '--directory', '/')
    with pytest.raises(UsageError):
        both.parse(['/'], bare=True)


@pytest.mark.parametrize('words', [['-d', 'x'], ['-dx'], ['--directory', 'x']])
def test_the_letter_d_is_the_folder_to_serve(words):
    schema = Schema([Option('root', Path('folder'))])
    assert schema.parse(words).root == os.path.abspath(u'x')


@pytest.mark.parametrize('options', [[Option('domain', Text(), short='d'), Option('root', Path())],
                                     [Option('root', Text())], [Option('path', Path('file'))]])
def test_the_letter_d_stays_what_it_was(options):
    schema = Schema(options)
    if options[0].short == 'd':
        assert schema.parse(['-d', 'x']).domain == u'x'
    else:
        with pytest.raises(UsageError):
            schema.parse(['-d', 'x'])


def test_the_key_has_one_name_everywhere():
    assert Schema([Option('privkey', Text())]).parse(['--key', 'x']).privkey == u'x'
