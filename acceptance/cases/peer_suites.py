# Copyright the carryall authors.  See LICENSE.
"""The own test suites of smtpdfix, pytest-localftpserver and pytest-httpserver over our servers,
each by a shim of at most 60 lines.

A shim puts our server behind the peer's names.  The tests that differ are in DIFFERENT, and
doc/compare.md says why; any other failure fails the case, and so does a difference that is gone.
"""
import os
import re
import sys

from acceptance import foreign
from acceptance.stage import ROOT

PROVES = ['TST-09']
NEEDS = []
PYTHON = ['peer-suites']
LONG = True
EACH_RUNTIME = False

PEERS = os.path.join(ROOT, 'acceptance', 'peers')
MAX_SHIM = 60               # lines
SECONDS = 200.0

# Suite -> (plug-ins, files of tests, variables); the shim comes first.
SUITES = (
    ('smtpdfix', ('smtpdfix_shim', 'pytest_asyncio.plugin', 'pytest_timeout'), ('tests',), {}),
    ('pytest-localftpserver', ('localftpserver_shim', 'pytest_localftpserver.plugin'),
     ('tests/test_pytest_localftpserver.py', 'tests/test_helper_functions.py',
      'tests/test_pytest_localftpserver_TLS.py'), {}),
    # The peer's own settings for this file.
    ('pytest-localftpserver', ('localftpserver_shim', 'pytest_localftpserver.plugin'),
     ('tests/test_pytest_localftpserver_with_env_var.py',),
     {'FTP_USER': 'benz', 'FTP_PASS': 'erni1', 'FTP_HOME': '%(home)s', 'FTP_HOME_TLS': '%(home)s',
      'FTP_PORT': '31175', 'FTP_PORT_TLS': '31176', 'FTP_FIXTURE_SCOPE': 'function',
      'FTP_CERTFILE': '%(suite)s/tests/test_keycert.pem'}),
    ('pytest-httpserver', ('httpserver_shim', 'pytest_httpserver.pytest_plugin'), ('tests',), {}),
)

# The tests that fail over our servers, by suite.
DIFFERENT = {
    'smtpdfix': {'test_missing_certs', 'test_TLS_not_supported', 'test_AUTH_LOGIN_success',
                 'test_AUTH_PLAIN', 'test_AUTH_PLAIN_two_parts', 'test_AUTH_PLAIN_failure',
                 'test_login_already_done'},
    'pytest-localftpserver': set(),
    'pytest-httpserver': {'test_raises_assertion_error_when_request_was_not_responded'},
}


def run(stage):
    """Each suite, in a copy."""
    folder = foreign.suites()
    home = stage.path('home')
    os.mkdir(home)
    for suite, plugins, files, variables in SUITES:
        shim = os.path.join(PEERS, plugins[0] + '.py')
        with open(shim, encoding='utf-8') as source:
            count = len(source.readlines())
        stage.demand(count <= MAX_SHIM, '%s has %d lines', shim, count)
        where = os.path.join(folder, 'sources', suite)
        given = {name: value % {'home': home, 'suite': where} for name, value in variables.items()}
        words = [word for plugin in plugins for word in ('-p', plugin)]
        path = os.pathsep.join([folder, ROOT, PEERS])
        process = stage.launch(
            ['env', 'PYTHONPATH=' + path, 'PYTHONDONTWRITEBYTECODE=1',
             'PYTEST_DISABLE_PLUGIN_AUTOLOAD=1'] + ['%s=%s' % each for each in given.items()]
            + [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'] + words
            + ['-c', '/dev/null', '--rootdir=' + where, '--tb=line', '-W', 'ignore']
            + [os.path.join(where, name) for name in files], cwd=where, foreign=True)
        process.seconds = SECONDS
        process.wait()
        judge(stage, suite, process.output)


def judge(stage, suite, said):
    """The tests that failed are those that differ."""
    failed = set(re.findall(r'^(?:FAILED|ERROR) \S+?::(\w+)', said, re.M))
    passed = re.search(r'(\d+) passed', said)
    stage.demand(passed is not None, '%s did not run:\n%s', suite, said[-3000:])
    print('%s: %s passed, %d differ' % (suite, passed.group(1), len(failed)))
    stage.demand(failed == DIFFERENT[suite], '%s: more differ: %s; no longer: %s\n%s', suite,
                 sorted(failed - DIFFERENT[suite]), sorted(DIFFERENT[suite] - failed), said[-3000:])
