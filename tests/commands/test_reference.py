# Copyright the carryall authors.  See LICENSE.
"""The reference names every command and type, with the texts that their helps print."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import reference
from carryall.commands import main as umbrella
from carryall.commands.catalogue import TYPES

PAGES = reference.pages()
USAGES = [usage for page in PAGES for usage in page.usages]
# Names of a client and of a type.
SHARED = set(row[0] for row in umbrella.COMMANDS) & set(row[0] for row in TYPES)
IDS = [' '.join(usage.words) for usage in USAGES]


def test_every_command_and_type_has_a_page():
    names = set(row[0] for row in umbrella.COMMANDS) | set(row[0] for row in TYPES)
    assert [page.name for page in PAGES] == sorted(names)


def test_every_page_has_a_usage():
    assert [page.name for page in PAGES if not page.usages] == []


def test_a_name_of_a_client_and_a_server_has_one_usage_of_each():
    for page in PAGES:
        if page.name in SHARED:
            client, server = page.usages
            assert client.schema.arguments or client.schema.forms
            assert not server.schema.arguments


def test_a_command_with_verbs_has_a_usage_for_each():
    cert = [page for page in PAGES if page.name == 'cert'][0]
    assert [usage.words[1:] for usage in cert.usages] == [('cert', 'make'), ('cert', 'show')]


@pytest.mark.parametrize('usage', USAGES, ids=IDS)
def test_the_help_of_a_command_has_the_summary_of_the_reference(usage, capsys):
    words = list(usage.words[1:])
    if usage.schema.arguments or usage.words[1] not in SHARED:
        status = umbrella.main(words + ['--help'])
        if usage.words[1] not in SHARED:
            assert status == 0
            assert ' '.join(usage.summary.split()) in ' '.join(capsys.readouterr()[0].split())


def test_every_option_of_a_type_is_followed_by_those_of_the_run():
    web = [page for page in PAGES if page.name == 'web'][0]
    names = set(option.name for option in web.usages[0].schema.options)
    assert names >= set(['path', 'backend', 'drain'])


def test_the_main_page_has_the_options_before_a_type():
    assert reference.main_page().usages[0].schema is umbrella.SCHEMA
