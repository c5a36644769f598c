# Copyright the carryall authors.  See LICENSE.
"""The lists of types and backends."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from carryall import __version__, runtimes
from carryall.commands.listing import runtimes_main, types_main, version_line
from carryall.core.errors import UsageError
from carryall.commands.catalogue import TYPES


def test_types_lists_one_type_a_line(capsys):
    """One line a type."""
    assert types_main([]) == 0
    output = capsys.readouterr()[0]
    for name, _, summary in TYPES:
        assert '%-13s %s\n' % (name, summary) in output, output


def test_runtimes_lists_every_backend_with_its_reason(capsys):
    """The version line, then every backend with its reason;
    the one that would be chosen is marked."""
    assert runtimes_main([]) == 0
    lines = capsys.readouterr()[0].splitlines()
    assert lines[0] == version_line()
    rows = [re.match(r'  ([a-z0-9]+) +(chosen|there|-) +(\S.*)', line) for line in lines[1:]]
    found = [(row.group(1), row.group(2)) for row in rows if row]
    assert [name for name, _ in found] == [backend.name for backend in runtimes.backends()]
    assert [state for _, state in found].count('chosen') == 1
    for backend in runtimes.backends():
        assert (dict(found)[backend.name] == '-') == (not backend.available), backend.name


def test_caps_lists_what_each_backend_can_do(capsys):
    """The capabilities of each backend, and the reasons for those it lacks."""
    assert runtimes_main(['--caps']) == 0
    output = capsys.readouterr()[0]
    available = [backend for backend in runtimes.backends() if backend.available]
    assert output.count(' can: ') == len(available), output
    assert 'udp' in output


def test_the_version_line_names_the_runtime():
    """Program, version, interpreter, system."""
    assert re.match(r'carryall %s on (CPython|PyPy|Jython) \d\S*, \S' % re.escape(__version__),
                    version_line())


@pytest.mark.parametrize('command', [types_main, runtimes_main])
def test_help_and_refusal(capsys, command):
    """They take hardly any options."""
    assert command(['--help']) == 0
    assert capsys.readouterr()[0].startswith('usage: carryall ')
    with pytest.raises(UsageError):
        command(['--nope'])
