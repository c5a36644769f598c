# Copyright the carryall authors.  See LICENSE.
"""The options of ``mktap web`` in Twisted 0.19 and 1.2, a row for each spelling (WEB-01)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import UsageError
from carryall.services.web.options import SCHEMA, endpoints_of


def _ports(options):
    return [(endpoint.kind, endpoint.port) for endpoint in endpoints_of(options)]


def _path(name):
    return os.path.abspath(name)


# era, the words as they were typed, the option, its value here
ROWS = [
    ('0.19 1.2', '-p 8081', _ports, [('tcp', 8081)]),
    ('0.19 1.2', '--port 8081', _ports, [('tcp', 8081)]),
    ('0.19', '-t 8023', 'telnet', 8023),
    ('0.19', '--telnet 8023', 'telnet', 8023),
    ('0.19 1.2', '-l web.log', 'logfile', _path(u'web.log')),
    ('0.19 1.2', '--logfile web.log', 'logfile', _path(u'web.log')),
    ('0.19 1.2', '--https 8443', _ports, [('tcp', 8080), ('tls', 8443)]),
    ('0.19 1.2', '--https 8443', 'certificate', _path(u'server.pem')),
    ('0.19 1.2', '-c my.pem', 'certificate', _path(u'my.pem')),
    ('0.19 1.2', '--certificate my.pem', 'certificate', _path(u'my.pem')),
    ('0.19 1.2', '--https 8443 -k my.key', 'privkey', _path(u'my.key')),
    ('0.19 1.2', '--https 8443 --privkey my.key', 'privkey', _path(u'my.key')),
    ('0.19 1.2', '--personal', 'personal', True),
    ('0.19 1.2', '-u', 'user', True),
    ('0.19 1.2', '--user', 'user', True),
    ('0.19 1.2', '-i home.html', 'index', [u'home.html']),
    ('0.19 1.2', '--index home.html --index index.rpy', 'index', [u'home.html', u'index.rpy']),
    ('0.19 1.2', '--path site', 'path', _path(u'site')),
    ('0.19', '--static site', 'path', _path(u'site')),
    ('0.19 1.2', '--class twisted.web.test.Test', 'class_', u'twisted.web.test.Test'),
    ('0.19 1.2', '--path site -m text/plain', 'mime_type', [u'text/plain']),
    ('0.19 1.2', '--path site --mime_type text/plain', 'mime_type', [u'text/plain']),
    ('1.2', '--path site --mime-type text/plain', 'mime_type', [u'text/plain']),
    ('0.19 1.2', '--path site --allow_ignore_ext', 'allow_ignore_ext', True),
    ('1.2', '--path site --allow-ignore-ext', 'allow_ignore_ext', True),
    ('1.2', '--path site --ignore-ext .html', 'ignore_ext', [u'.html']),
    ('1.2', '--path site --ignore-ext html --ignore-ext rpy', 'ignore_ext', [u'html', u'rpy']),
    ('1.2', '-n', 'notracebacks', True),
    ('1.2', '--notracebacks', 'notracebacks', True),
    ('1.2', '--path site --processor .page=shop.Page', 'processor', [(u'.page', u'shop.Page')]),
    ('1.2', '--path site --processor page=shop.Page', 'processor', [(u'page', u'shop.Page')]),
    ('1.2', '--resource-script root.rpy', 'resource_script', _path(u'root.rpy')),
    ('1.2', '--resource_script root.rpy', 'resource_script', _path(u'root.rpy')),
]

# era, words, what the refusal names in their place
GONE = [
    ('0.19', '-s 8443', u'--https PORT'),
    ('1.2', '--flashconduit', u'Flash'),
    ('1.2', '--flashconduit 843', u'Flash'),
]


def _ids(rows):
    return ['%s %s' % row[:2] for row in rows]


def _value(options, name):
    return name(options) if callable(name) else getattr(options, name)


@pytest.mark.parametrize('era, line, name, value', ROWS, ids=_ids(ROWS))
def test_an_option_of_that_era_means_the_same(era, line, name, value):
    assert _value(SCHEMA.parse(line.split()), name) == value


@pytest.mark.parametrize('era, line, name, value', ROWS, ids=_ids(ROWS))
def test_an_option_of_that_era_survives_a_tap(era, line, name, value):
    kept = SCHEMA.complete(plain(SCHEMA.parse(line.split())))
    assert _value(kept, name) == value


@pytest.mark.parametrize('era, line, instead', GONE, ids=_ids(GONE))
def test_an_option_that_is_gone_says_what_to_do(era, line, instead):
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(line.split())
    assert instead in caught.value.message


def test_the_default_port_is_that_of_both_eras():
    assert _ports(SCHEMA.parse([])) == [('tcp', 8080)]
