# Copyright the carryall authors.  See LICENSE.
"""Sessions for nox; ``nox --list`` shows them, and ``tox.ini`` has the same.

A Python 3 gets an environment of its own with pytest in it.  No environment can be made for 2.7 and
Jython, and none is needed for PyPy: those run through ``admin/runtests``, which keeps pytest for
them in build/test-env.
"""
import nox

PYTHONS = ('3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14')

nox.needs_version = '>=2022.1.7'
nox.options.sessions = ['lint', 'types', 'tests', 'pypy', 'jython']
nox.options.error_on_missing_interpreters = False


def _external(session, *command):
    """Run one of the project's own commands with the Python that runs nox."""
    session.run('python3', *command, *session.posargs, external=True)


@nox.session(python=PYTHONS)
def tests(session):
    """The suite on one CPython 3, in an environment of its own."""
    session.env.update({'PYTHONPATH': '', 'PYTEST_DISABLE_PLUGIN_AUTOLOAD': '1'})
    session.install('pytest')
    session.run('python', '-m', 'pytest', *session.posargs)


@nox.session(venv_backend='none')
def py27(session):
    """The suite on CPython 2.7, if there is one."""
    _external(session, 'admin/runtests', '--setup', '--runtime', 'cpython2.7')


@nox.session(venv_backend='none')
def pypy(session):
    """The suite on PyPy."""
    _external(session, 'admin/runtests', '--setup', '--runtime', 'pypy', '--require', 'pypy')


@nox.session(venv_backend='none')
def jython(session):
    """The suite on Jython, an external command."""
    _external(session, 'admin/runtests', '--setup', '--runtime', 'jython', '--require', 'jython')


@nox.session(venv_backend='none')
def lint(session):
    """The project's own checks."""
    _external(session, 'admin/check')


@nox.session(venv_backend='none')
def types(session):
    """The type comments, with mypy."""
    _external(session, 'admin/check', '--setup', 'type_comments')


@nox.session(venv_backend='none')
def docs(session):
    """The API reference and the manual pages; a warning is a failure."""
    session.run('python3', 'admin/apidocs', '--setup', *session.posargs, external=True)
    session.run('python3', 'admin/manpages', '--check', external=True)


@nox.session(venv_backend='none')
def accept(session):
    """Real processes against foreign clients."""
    _external(session, 'admin/accepttests')


@nox.session(venv_backend='none')
def bench(session):
    """The measurements beside other servers: nox -s bench -- http."""
    _external(session, 'admin/bench')


@nox.session(venv_backend='none')
def freeze(session):
    """The artifacts, from the recipes in dist/: nox -s freeze -- jar."""
    _external(session, 'admin/freeze')
