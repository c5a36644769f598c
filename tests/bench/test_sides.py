# Copyright the carryall authors.  See LICENSE.
"""Which servers take part in what."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from bench import command, sides


@pytest.mark.parametrize('bench', sorted(command.BENCHES))
def test_names_are_unique_and_scripts_exist(bench):
    chosen = sides.choose(bench, ())
    names = [side.name for side in chosen]
    assert len(names) == len(set(names))
    for side in chosen:
        assert os.path.exists(os.path.join(sides.SERVERS, side.script)), side.script


@pytest.mark.parametrize('bench, reference', [('http', 'uvicorn'), ('static', 'uvicorn-hello'),
                                              ('echo', 'raw-cpython'),
                                              ('bigfile', 'raw-sendfile')])
def test_the_reference_takes_part(bench, reference):
    assert [side.name for side in sides.choose(bench, [reference])] == [reference]


def test_patterns_choose_sides():
    names = [side.name for side in sides.choose('echo', ['raw-*', 'uvloop'])]
    assert names == ['uvloop', 'raw-cpython', 'raw-pypy', 'raw-jython']


def test_every_backend_of_ours_is_measured():
    for bench in ('http', 'static', 'echo'):
        names = [side.name for side in sides.choose(bench, ['carryall-*'])]
        assert 'carryall-jython-nio' in names and 'carryall-pypy-epoll' in names \
            and 'carryall-cpython-threads' in names


def test_quick_does_not_overwrite_the_published_pages():
    options = command.fill(command.parser().parse_args(['http', '--quick']))
    assert not options.output.startswith(os.path.join(sides.ROOT, 'doc'))
    options = command.fill(command.parser().parse_args(['http']))
    assert options.output == os.path.join(sides.ROOT, 'doc', 'bench')
