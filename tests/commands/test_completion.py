# Copyright the carryall authors.  See LICENSE.
"""The completion scripts hold every command and option; that shells use them is for tests/house."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import completion
from carryall.commands import main as umbrella
from carryall.commands.reference import pages
from carryall.commands.catalogue import TYPES

PLACES = completion.places()


def words(path):
    return [word for word, _ in PLACES[path].words]


def test_all_commands_and_types_may_come_first():
    names = set(row[0] for row in umbrella.COMMANDS) | set(row[0] for row in TYPES)
    assert words('') == sorted(names)


def test_all_types_may_come_after_mktap():
    assert words('mktap') == [row[0] for row in TYPES]


def test_verbs_and_choices_of_an_argument_are_words():
    assert words('cert') == ['make', 'show']
    assert words('completion') == ['bash', 'zsh', 'fish']


def test_a_place_has_the_options_of_its_schema():
    for page in pages():
        for usage in page.usages:
            place = PLACES[u' '.join(usage.words[1:])]
            offered = set(option.name for option in place.options)
            assert offered >= set(option.name for option in usage.schema.options)


def test_the_options_of_the_run_are_not_offered_to_mktap():
    assert 'drain' in [option.name for option in PLACES['web'].options]
    assert 'drain' not in [option.name for option in PLACES['mktap web'].options]


@pytest.mark.parametrize('shell', completion.SHELLS)
def test_a_script_names_every_option(shell):
    script = completion.script(shell)
    for place in PLACES.values():
        for option in place.options:
            spelling = '-l %s ' % option.name if shell == 'fish' else '--%s ' % option.name
            assert spelling in script


@pytest.mark.parametrize('shell', completion.SHELLS)
def test_the_command_prints_a_script(shell, capsys):
    assert umbrella.main(['completion', shell]) == 0
    assert capsys.readouterr()[0] == completion.script(shell)


def test_another_shell_is_refused(capsys):
    assert umbrella.main(['completion', 'csh']) == 2
    assert 'bash, zsh, fish' in capsys.readouterr()[1]
