# Copyright the carryall authors.  See LICENSE.
"""Taps in a folder that is served: .trp."""
from __future__ import absolute_import, division, print_function

import os
import pickle

import pytest

from carryall.app.application import Application, to_bytes
from carryall.app.servicetypes import Registry
from carryall.services.scripts.trpprograms import TYPES


def _tap(*services):
    application = Application(u'sample')
    for words in services:
        application.add(words[0], words[1:], Registry(TYPES, path=[], environ={}))
    return to_bytes(application)


@pytest.fixture
def docs(tmpdir):
    """A folder beside the one that is served."""
    made = tmpdir.mkdir('docs')
    made.join('a.txt').write_binary(b'a file')
    made.mkdir('sub').join('index.html').write_binary(b'an index')
    return str(made)


@pytest.mark.parametrize('target, status, body', [
    (b'/docs.trp/a.txt', 200, b'a file'), (b'/docs.trp/sub/', 200, b'an index'),
    (b'/docs.trp/missing', 404, b'404 Not Found\n')])
def test_a_tap_of_a_folder_is_served(folder, docs, target, status, body):
    folder.write('docs.trp', _tap(['web', '--path', docs]))
    response = folder.ask(target)
    assert (response.status, response.body) == (status, body)


def test_a_changed_tap_is_loaded_again(folder, docs):
    folder.write('docs.trp', _tap(['web', '--path', docs]))
    folder.ask(b'/docs.trp/a.txt')
    folder.write('docs.trp', _tap(['web', '--path', os.path.join(docs, 'sub')]))
    assert folder.ask(b'/docs.trp/index.html').body == b'an index'


@pytest.mark.parametrize('data', [pickle.dumps(['a resource'], 0), b'', b'\x89TAP'])
def test_another_file_is_refused_with_an_explanation(folder, expect_log, data):
    expect_log('is not served')
    folder.write('old.trp', data)
    response = folder.ask(b'/old.trp')
    assert response.status == 500
    assert b'A pickle of Twisted is not loaded' in response.body


def test_a_tap_of_two_services_is_refused(folder, docs, expect_log):
    expect_log('is not served')
    folder.write('two.trp', _tap(['web', '--path', docs], ['web', '--path', docs]))
    assert folder.ask(b'/two.trp').status == 500
