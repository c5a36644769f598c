# Copyright the carryall authors.  See LICENSE.
"""carryall, in this process: types, commands, and options before and after the type."""
from __future__ import absolute_import, division, print_function

import logging
import sys
import types

import pytest

from carryall.commands import main as umbrella
from carryall.commands import firstline, serve, serverprocess
from carryall.commands.catalogue import TYPES
from carryall.commands.main import COMMANDS, main
from carryall.app.optionvalues import plain
from carryall.app.options import Flag, Option, Path, Port, Schema
from carryall.app.servicetypes import Registry, ServiceType
from carryall.app.service import Service
from tests.commands import sample


class Taken(ServiceType):
    """A type with an option of the same name as one of the command's."""

    name = 'taken'
    summary = 'has a backend of its own'
    options = Schema([Option('backend', Port(), short='q'), Flag('noise')])

    def make(self, values):
        service = Service('taken')
        service.values = values
        return service


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """Two types."""
    made = Registry([], path=[], environ={})
    made.add(sample.SampleType())
    made.add(Taken())
    monkeypatch.setattr(umbrella, 'known_types', lambda: made)
    monkeypatch.setattr(serve, 'known_types', lambda: made)
    return made


@pytest.fixture
def served(monkeypatch):
    """The services that would be served: rows of (service, settings)."""
    rows = []

    def serve(make_service, settings, report):
        rows.append((make_service(), settings))
        return 0

    monkeypatch.setattr(serverprocess, 'serve', serve)
    return rows


def test_serves_a_type(served):
    """The options of the type make the service; no file is asked for."""
    assert main(['sample', '-p', '127.0.0.1:80', '--refuse']) == 0
    service, settings = served[0]
    assert service.values.port == u'tcp:80:interface=127.0.0.1' and service.values.refuse is True
    assert sorted(plain(service.values)) == sorted(plain(sample.SampleType.options.defaults())), \
        'no option of the command is among them'
    assert (settings.log_file, settings.pid_file, settings.backend) == ('', '', None)


def test_serve_runs_a_type(served):
    assert main(['serve', 'sample', '-p', '127.0.0.1:80']) == 0
    assert served[0][0].values.port == u'tcp:80:interface=127.0.0.1'


@pytest.mark.parametrize('words', [
    ['--backend', 'poll', '-q', '--drain=2s', '--log-format=json', 'sample', '-p', '7'],
    ['--backend', 'poll', '-q', '--drain=2s', '--log-format=json', 'serve', 'sample', '-p', '7'],
    ['-q', '--drain=2s', 'serve', '--backend', 'poll', '--log-format=json', 'sample', '-p', '7'],
    ['serve', 'sample', '-p', '7', '--backend=poll', '--quiet', '--drain', '2', '--log-format',
     'json'],
    ['sample', '-p', '7', '--backend=poll', '--quiet', '--drain', '2', '--log-format', 'json']])
def test_options_before_and_after_the_type(served, words):
    """Options of the command may precede or follow the type."""
    assert main(words) == 0
    settings = served[0][1]
    assert (settings.backend, settings.level, settings.drain, settings.json) \
        == ('poll', logging.WARNING, 2.0, True)
    assert type(settings.backend) is str


def test_a_name_that_the_type_has_too(served):
    """After the type it is the type's."""
    assert main(['--backend', 'poll', 'taken', '--backend', '5', '-q', '6', '--debug']) == 0
    service, settings = served[0]
    assert plain(service.values) == {u'backend': 6, u'noise': False}
    assert (settings.backend, settings.debug) == ('poll', True)


@pytest.mark.parametrize('words, sentence', [
    (['nope'], 'carryall: there is no service type "nope"; there are: sample, taken; commands: '
     + ', '.join(row[0] for row in COMMANDS)),
    (['sample', '--nope'], 'carryall sample: there is no option --nope (carryall sample --help '
                           'lists them)\n'),
    (['sample', '--prot=1'], 'carryall sample: there is no option --prot; did you mean --port? '
                             '(carryall sample --help lists them)\n'),
    (['sample', '-Z'],
     'carryall sample: there is no option -Z (carryall sample --help lists them)\n'),
    (['sample', '-p', 'x'], 'carryall sample: option -p: "x" is not an endpoint'),
    (['--nope'], 'carryall: there is no option --nope (carryall --help lists them)\n'),
    (['sample', '--path', 'none'], 'carryall sample: option --path: there is no folder'),
])
def test_wrong_words_are_refused_with_status_2(served, capsys, words, sentence):
    """One sentence, status 2, nothing served."""
    assert main(words) == 2
    output, errors = capsys.readouterr()
    assert output == '' and errors.startswith(sentence) and errors.count('\n') == 1, errors
    assert served == []


def test_backend_that_is_not_there(capsys):
    """It says which there are, before anything is bound."""
    assert main(['sample', '--backend=gtk']) == 2
    assert 'there is no backend gtk' in capsys.readouterr()[1]


# Names of a client and of a type.
SHARED = set(row[0] for row in COMMANDS) & set(row[0] for row in TYPES)


@pytest.mark.parametrize('name', [row[0] for row in COMMANDS if row[0] not in ('cert', 'run')])
def test_every_command_says_its_name(capsys, name):
    """An option that is not there: whose, and where those that are can be read."""
    assert main([name, '--nope', 'x@y', 'z']) == 2
    output, errors = capsys.readouterr()
    command = name if name in ('mktap', 'twistd') else 'carryall ' + name
    sentence = '%s: there is no option --nope (%s --help lists them)\n' % (command, command)
    # A client may leave words that begin with an option to the type of the same name.
    if name in SHARED and errors != sentence:
        assert 'there is no service type' in errors
    else:
        assert errors == sentence
    assert output == ''


@pytest.mark.parametrize('words, sentence', [
    (['cert', 'make', '--nope'], 'carryall cert make: there is no option --nope (carryall cert '
                                 'make --help lists them)\n'),
    (['cert', 'sign'], 'carryall cert: "sign" is none of make, show\n'),
    (['serve'], 'carryall serve: TYPE must be given; "carryall types" lists them\n'),
    (['serve', 'nope'],
     'carryall serve: there is no service type "nope"; there are: sample, taken\n'),
    (['serve', 'sample', '--nope'],
     'carryall serve sample: there is no option --nope (carryall serve sample --help lists '
     'them)\n'),
    (['passwd', '-l'], 'carryall passwd: FILE must be given\n'),
    (['types', 'x'], 'carryall types: what is "x"?')])
def test_a_command_that_refuses(capsys, words, sentence):
    """Under its own name."""
    assert main(words) == 2
    errors = capsys.readouterr()[1]
    assert errors.startswith(sentence) and errors.count('\n') == 1, errors


def test_help_goes_to_stdout(capsys):
    """--help on stdout; nothing at all on stderr, with status 2."""
    assert main(['--help', 'all']) == 0
    output = capsys.readouterr()[0]
    assert output.startswith('usage: carryall [options] TYPE|COMMAND [options of it]\n'), output
    for name, _, _, summary in COMMANDS:
        assert '  %-12s %s\n' % (name, summary) in output, output
    assert '  sample       echo and count' in output
    assert '\nstatus: 0 success' in output, output
    assert main(['--help']) == 0
    output = capsys.readouterr()[0]
    for name, _, _, _ in COMMANDS:
        assert name in output.split(), output
    assert main([]) == 2
    assert capsys.readouterr() == ('', output)


def test_help_of_a_type(capsys):
    """With the options of the command that it leaves free."""
    assert main(['taken', '--help']) == 0
    output = capsys.readouterr()[0]
    assert output.startswith('usage: carryall taken [options]\n\nhas a backend of its own\n'), \
        output
    assert '  -q, --backend PORT' in output and '      --drain SECONDS' in output \
        and '      --quiet' in output, output
    assert '  -b, --debug' in output
    assert output.count('--backend') == 1, output


@pytest.mark.parametrize('letter, level', [('-q', logging.WARNING), ('-b', logging.DEBUG)])
def test_letters_of_the_run_may_follow_the_type(served, letter, level):
    assert main(['sample', letter]) == 0
    assert served[0][1].level == level


@pytest.mark.parametrize('words, terminal, told', [
    ([], False, False), ([], True, True), (['-q'], True, False), (['-b'], True, False),
    (['--activity', 'no'], True, False), (['--activity', 'yes'], False, True)])
def test_activity_is_told_on_a_terminal_or_if_asked_for(served, monkeypatch, words, terminal, told):
    monkeypatch.setattr(firstline, 'on_a_terminal', lambda: terminal)
    assert main(['sample'] + words) == 0
    assert (served[0][1].activity is not None) is told


def test_version_names_the_runtime(capsys):
    """The version and the runtime."""
    assert main(['--version']) == 0
    assert capsys.readouterr()[0].startswith('carryall ')


def test_commands_are_imported_when_used(monkeypatch):
    """Each row leads to a function; starting one does not import the others."""
    assert [row[0] for row in COMMANDS] == sorted(row[0] for row in COMMANDS)
    calls = []
    for name, module, function, _ in COMMANDS:
        fake = types.ModuleType('fake')
        setattr(fake, function, lambda words, name=name: calls.append((name, list(words))) or 7)
        monkeypatch.setitem(sys.modules, module, fake)
    # Two rows share a module: the second fake stands for both,
    # so only those with a module of their own are called.
    for name in ('get', 'mktap', 'twistd'):
        assert main([name, '-x', 'y']) == 7
    assert calls == [(name, ['-x', 'y']) for name in ('get', 'mktap', 'twistd')]


@pytest.mark.parametrize('name', [row[0] for row in COMMANDS if row[0] != 'get'])
def test_every_command_has_help(capsys, name):
    """By way of the umbrella, too."""
    assert main([name, '--help']) == 0
    assert capsys.readouterr()[0].startswith('usage: ')


def test_words_of_the_process(monkeypatch, capsys):
    """As the installed command calls it: without arguments."""
    monkeypatch.setattr(sys, 'argv', ['carryall', '--version'])
    assert main() == 0
    assert capsys.readouterr()[0].startswith('carryall ')


class Web(ServiceType):
    """A type that serves a folder."""

    name = 'web'
    summary = 'serves'
    options = Schema([Option('path', Path('folder')), Option('port', Port())])

    def make(self, values):
        service = Service('web')
        service.values = values
        return service

    def started_by_hand(self, options):
        return [u'by hand']


def test_a_folder_in_place_of_a_type_is_served_by_the_web_server(served, registry, tmpdir):
    registry.add(Web())
    assert main(['serve', str(tmpdir), '8000']) == 0
    values = served[0][0].values
    assert (values.path, values.port) == (str(tmpdir), 8000)
    assert main(['web', '8000', str(tmpdir)]) == 0
    assert (served[1][0].values.path, served[1][0].values.port) == (str(tmpdir), 8000)


def test_neither_a_type_nor_a_folder_is_refused(served, registry, capsys):
    registry.add(Web())
    assert main(['serve', 'nowhere']) == 2 and served == []
    assert 'there is no service type "nowhere"' in capsys.readouterr()[1]


def test_lines_for_the_starter_follow_the_first_line(monkeypatch, registry, capsys):
    registry.add(Web())
    monkeypatch.setattr(serverprocess, 'serve',
                        lambda make, settings, report: report.ready([u'first']))
    main(['web'])
    assert capsys.readouterr()[0] == 'first\nby hand\n'


@pytest.mark.parametrize('words, same', [
    (['help'], ['--help']), (['version'], ['--version']), (['help', 'sample'],
                                                           ['sample', '--help']),
    (['help', 'serve'], ['serve', '--help'])])
def test_help_and_version_are_words_too(words, same, capsys):
    assert main(words) == 0
    said = capsys.readouterr()
    assert main(same) == 0
    assert said == capsys.readouterr() and said[0]


@pytest.mark.parametrize('word, meant', [('smaple', 'type "smaple"; did you mean "sample"?'),
                                         ('mktpa', 'command "mktpa"; did you mean "mktap"?')])
def test_a_mistyped_name_gets_the_nearest_one_alone(word, meant, capsys):
    assert main([word]) == 2
    errors = capsys.readouterr()[1]
    assert meant in errors
    assert 'there are:' not in errors
