# Copyright the carryall authors.  See LICENSE.
"""The manual pages name every option of every schema, and formatters accept them."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from admin.manual import mdoc, page
from admin.manual import main as manual
from admin.suite import ROOT
from carryall.commands.reference import main_page, pages
from dist import deb

DATE = 1600000000
PAGES = page.rendered(DATE)
USAGES = [(each.name, usage) for each in [main_page()] + pages() for usage in each.usages]


@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()


def formatted(name):
    """The words of a page as mandoc shows them; the bare source if mandoc is missing."""
    if shutil.which('mandoc'):
        done = subprocess.run(['mandoc', '-T', 'ascii', '-O', 'width=200'],
                              input=PAGES[name].encode('ascii'), stdout=subprocess.PIPE, check=True)
        return re.sub('.\b', '', done.stdout.decode('ascii')).split()
    plain = PAGES[name].replace('\\-', '-').replace('Fl ', '-').replace('- ', '-')
    return plain.split()


@pytest.mark.parametrize('name, usage', USAGES, ids=[' '.join(usage.words) for _, usage in USAGES])
def test_a_page_names_every_option_of_the_schema(name, usage):
    words = set(word.rstrip(',.;') for word in formatted('carryall%s.1' % (name and '-' + name)))
    for option in usage.schema.options:
        wanted = ['--' + option.name] + ['--' + alias for alias in option.aliases]
        wanted += ['-' + option.short] if option.short else []
        assert words >= set(wanted)
    assert words >= set(argument.name.upper() for argument in usage.schema.arguments)


def test_every_command_and_type_has_a_page():
    assert set(PAGES) >= set(['carryall.1'] + ['carryall-%s.1' % each.name for each in pages()])


def test_programs_with_a_name_of_their_own_have_a_page_of_that_name():
    assert set(PAGES) >= set(['mktap.1', 'twistd.1', 'carryalld.1'])
    assert '.Nm mktap\n.Op Ar option ...\n.Ar TYPE\n' in PAGES['mktap.1']


def test_pages_are_the_same_bytes_each_time():
    assert page.rendered(DATE) == PAGES
    assert '.Dd September 13, 2020\n' in PAGES['carryall.1']


def test_a_page_names_no_folder_of_the_machine_it_was_made_on():
    home = os.path.expanduser('~') + '/'
    assert [name for name, text in PAGES.items() if ROOT in text or home in text] == []


@pytest.mark.limit(60)
def test_formatters_have_nothing_against_the_pages(tmp_path):
    if not [program for program, _ in manual.LINTERS if shutil.which(program)]:
        pytest.skip('neither mandoc nor groff is installed')
    paths = manual.write(str(tmp_path), DATE)
    assert [fault for path in paths for fault in manual.lint(path)] == []


def test_a_fault_is_found(tmp_path):
    if not shutil.which('mandoc'):
        pytest.skip('mandoc is not installed')
    path = tmp_path / 'bad.1'
    head = '.Dd September 13, 2020\n.Dt BAD 1\n.Os\n.Sh NAME\n.Nm bad\n.Nd none\n'
    path.write_text(head + '.Nonsense\n')
    assert manual.lint(str(path))


def test_the_command_writes_and_checks(tmp_path):
    command = os.path.join(ROOT, 'admin', 'manpages')
    done = subprocess.run([sys.executable, command, '--check', str(tmp_path)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout
    assert sorted(os.listdir(str(tmp_path))) == sorted(PAGES)


@pytest.mark.parametrize('text, expected', [
    ('a-b', 'a\\-b'), ('C:\\x', 'C:\\ex'), ("it's", 'it\\(aqs'), (u'caf\xe9', 'caf\\[u00E9]')])
def test_text_is_escaped(text, expected):
    assert mdoc.escaped(text) == expected


@pytest.mark.parametrize('word, expected', [
    ('N', '\\&N'), ('Ar', '\\&Ar'), ('|', '\\&|'), ('FILE', 'FILE'), ('a b', '"a b"')])
def test_an_argument_is_not_taken_for_a_macro(word, expected):
    assert mdoc.argument(word) == expected


def test_a_line_of_text_is_not_taken_for_a_request():
    assert mdoc.paragraph('.tap files') == ['\\&.tap files']
    assert mdoc.literal(['.tap']) == ['.Bd -literal -offset indent', '\\&.tap', '.Ed']


@pytest.mark.parametrize('name, path', [
    ('carryall-web.1', 'usr/share/man/man1/carryall-web.1.gz'),
    ('carryalld.1', 'usr/share/man/man1/carryalld.1.gz'),
    ('mktap.1', 'usr/lib/carryall/share/man/man1/mktap.1.gz'),
    ('twistd.1', 'usr/lib/carryall/share/man/man1/twistd.1.gz')])
def test_the_package_takes_no_name_of_another_package(name, path):
    assert deb.manual_path(name) == path
