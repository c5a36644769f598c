# Copyright the carryall authors.  See LICENSE.
"""Documents and helps name what exists: the commands accept the command lines, and named tests and
files exist.

That the lines do what is said of them is for acceptance: its cases ``readme`` and ``doc`` run them.
"""
from __future__ import absolute_import, division, print_function

import io
import os
import re
import shlex

import pytest

from carryall.core.manifest import manifests
from carryall.commands import mktap, serve
from carryall.commands.sharedwords import seems_meant
from carryall.commands import main as umbrella
from carryall.core.errors import UsageError
from carryall.app.options import HelpRequested
from carryall.commands.catalogue import MANIFESTS, TYPES, known_types
from carryall.commands.reference import pages

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOC = os.path.join(ROOT, 'doc')
OURS = re.compile(r'(?:(?:python3|pypy3|jython) |java -jar '
                  r')?(?:\S*/)?(?:carryall[a-z-]*|mktap|twistd)(?:\.sh|\.pyz|\.jar)? [^|(]*\Z')
SCHEMAS = dict((' '.join(usage.words[1:]), usage.schema) for page in pages()
               for usage in page.usages if usage.words[1] != 'serve' and not usage.extra)
# A word in capitals that must be something else than a word.
PLACEHOLDERS = {'PORT': '8443', 'HOST': 'host.example'}


def documents():
    """(path from the root, text) of each that is read by people who use carryall."""
    paths = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'] + sorted(
        os.path.relpath(os.path.join(folder, name), ROOT) for folder, _, names in os.walk(DOC)
                                   for name in names if name.endswith('.md')
        and name != 'design.md')
    for path in paths:
        with io.open(os.path.join(ROOT, path), encoding='utf-8') as source:
            yield path.replace(os.sep, '/'), source.read()


def command_lines(text):
    """Command lines of carryall in code blocks, and between backticks if there is more than a
    name."""
    fence = None
    found = []
    for line in text.replace('\\\n', '').split('\n'):
        if line.startswith('```'):
            fence = line[3:] if fence is None else None
        elif fence in ('', 'sh') or fence is None and line.startswith('    '):
            found += re.sub(r' +# .*', '', line).strip().split(' && ')
        elif fence is None:
            found += re.findall('`([^`]+)`', line)
    return [line for line in found if OURS.match(line) and '...' not in line]


def take(line):
    """Has the command that *line* calls read it; UsageError if it would not."""
    words = [PLACEHOLDERS.get(str(word), str(word)) for word in shlex.split(str(line))]
    while words[0] in ('python3', 'pypy3', 'jython', 'java', '-jar'):
        del words[0]
    name = os.path.basename(words[0])
    words = umbrella.words_of([re.sub(r'\.(sh|jar)\Z', '', name)] + words[1:])
    if words[0] in ('--archive', 'TYPE', 'COMMAND', '--version'):
        return
    _, words = umbrella.SCHEMA.parse_head(words)
    if len(words) == 1:         # the name alone, as it is spoken of
        assert words[0] in [row[0] for row in umbrella.COMMANDS + TYPES], words[0]
        return
    try:
        take_command(words[0], words[1:])
    except HelpRequested:
        pass
    except UsageError as exc:       # an option is spoken of without a value for it
        if not words[-1].startswith('--') or u' needs a value: ' not in exc.message:
            raise


# Names of a client and of a type.
SHARED = set(row[0] for row in umbrella.COMMANDS) & set(row[0] for row in TYPES)


def take_command(name, words):
    """The same, when the name is known."""
    registry = known_types()
    if words and '%s %s' % (name, words[0]) in SCHEMAS:
        name = '%s %s' % (name, words[0])
        words = words[1:]
    if name == 'mktap':
        _, words = mktap.SCHEMA.parse_head(words)
        if words[0] not in ('TYPE', 'words'):        # which stand for others
            registry.get(words[0]).options.parse(words[1:])
    elif name == 'serve':
        _, words = serve.SCHEMA.parse_head(words)
        if words and words[0] != 'TYPE':
            schema = serve.joined(registry.get(words[0]).options)[0]
            if len(words) > 1:      # else the name alone, as it is spoken of
                schema.parse(words[1:])
    elif name == 'run':
        assert words, 'run what?'
    elif name in SHARED and seems_meant(SCHEMAS[name], words) is not None:
        return
    elif name in SCHEMAS and name not in SHARED:
        SCHEMAS[name].parse(words)
    else:
        serve.joined(registry.get(name).options)[0].parse(words)


LINES = sorted(set((path, line) for path, text in documents() for line in command_lines(text)))


@pytest.mark.parametrize('path, line', LINES)
def test_a_command_line_of_the_documents_is_taken(path, line):
    take(line)


def test_command_lines_of_the_documents_are_found():
    """Else the test above could not fail."""
    paths = set(path for path, _ in LINES)
    assert paths >= set(['README.md', 'doc/https.md', 'doc/distrib.md', 'doc/artifacts.md']) \
        and len(LINES) > 40, paths
    text = ('x\n```\ncarryall web --one \\\n  --two\n```\n\n    mktap ftp -x && twistd -f y.tap   '
            '# so\n\nand `bin/carryall mail`, `carryall`, `carryall get ...`\n')
    assert command_lines(text) == ['carryall web --one   --two', 'mktap ftp -x', 'twistd -f y.tap',
                                   'bin/carryall mail']


@pytest.mark.parametrize('line', ['carryall web --bogus', 'carryall bogus', 'mktap web --https x',
                                  'twistd --bogus', 'carryall cert make',
                                  'carryall get --bogus http://h/',
                                  'jython bin/carryall ftp --rooot x',
                                  'java -jar carryall.jar simple --tcp nothing:7'])
def test_a_wrong_command_line_is_refused(line):
    with pytest.raises(Exception):
        take(line)


def examples():
    """(where, line) of those in the helps."""
    schemas = sorted(SCHEMAS.items())
    schemas += [('mktap', mktap.SCHEMA), ('serve', serve.SCHEMA), ('carryall', umbrella.SCHEMA)]
    schemas += [(name, known_types().get(name).options) for name, _ in known_types().rows()]
    return [(name, part) for name, schema in schemas for line, _ in schema.examples
            for part in line.split(' && ') if OURS.match(part)]


@pytest.mark.parametrize('name, line', examples())
def test_an_example_of_a_help_is_taken(name, line):
    take(line)


@pytest.mark.parametrize('name, words', [
    (entry.name, list(entry.words)) for manifest in manifests(MANIFESTS)
    for entry in manifest.types])
def test_servers_listen_on_this_machine_alone_unless_told_otherwise(name, words):
    """Also where a port is given and no interface."""
    kind = known_types().get(name)
    has_port = any(option.short == 'p' for option in kind.options.options)
    ports = ['-p', '8443'] if has_port else []
    for given in (words, words + ports):
        found = kind.endpoints(kind.options.parse(given))
        assert found
        assert [one for one in found if 'interface=127.0.0.1' not in one] == []


def test_every_link_has_a_target():
    for path, text in documents():
        for target in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', text):
            there = os.path.join(ROOT, os.path.dirname(path), target)
            assert os.path.exists(there), '%s links to %s' % (path, target)


def test_the_tests_that_the_conformance_pages_name_are_there():
    count = 0
    for path, text in documents():
        if not path.startswith('doc/conformance/'):
            continue
        for name, function in re.findall(
                r'\b((?:app|apps|commands|core|house|protocols|runtimes|services)/[\w/]+(?:\.py|/))'
                r'(?:::(\w+))?', text):
            if os.path.basename(name) and not os.path.basename(name).startswith('test_'):
                continue            # a module that is spoken of
            there = os.path.join(ROOT, 'tests', name)
            assert os.path.exists(there), '%s names %s' % (path, name)
            if function:
                with io.open(there, encoding='utf-8') as source:
                    assert re.search(r'\b(?:def|class) %s\(' % function, source.read()), \
                        '%s names %s::%s' % (path, name, function)
            count += 1
        for listed in re.findall(r'acceptance\s+cases?\s+((?:[a-z0-9]+(?:-[a-z0-9]+)*(?:,\s+| and '
                                 r')?)+)', text):
            for case in re.split(r',\s+| and ', listed.strip()):
                assert os.path.exists(os.path.join(ROOT, 'acceptance', 'cases', case.replace(
                    '-', '_') + '.py')), '%s names the case %s' % (path, case)
    assert count > 100, 'they were not found'
