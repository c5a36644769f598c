# Copyright the carryall authors.  See LICENSE.
"""No standard module is used that 3.13 has removed, or that Jython or 2.7 lacks.

The latter may stand in ``runtimes`` inside of ``try``, or behind ``TYPE_CHECKING``.
"""
import ast

from admin.checks.tree import PORTABLE, Finding, imported, nodes

REMOVED = ('aifc', 'asynchat', 'asyncore', 'audioop', 'cgi', 'cgitb', 'chunk', 'crypt', 'distutils',
           'imghdr', 'imp', 'lib2to3', 'mailcap', 'msilib', 'nis', 'nntplib', 'ossaudiodev',
           'pipes', 'smtpd', 'sndhdr', 'spwd', 'sunau', 'telnetlib', 'uu', 'xdrlib')
NOT_EVERYWHERE = ('concurrent', 'contextvars', 'dataclasses', 'enum', 'importlib.resources',
                  'ipaddress', 'pathlib', 'secrets', 'selectors', 'statistics', 'typing',
                  'zoneinfo', 'six')


def check(tree):
    """Looks at every import."""
    for path in tree.files(*PORTABLE):
        guarded = set(_guarded(tree.parse(path), path.startswith('runtimes/')))
        for node in nodes(tree.parse(path)):
            tops = {module.split('.')[0] for module in imported(node)[:1]}
            for top in tops & set(REMOVED):
                yield Finding(path, node.lineno, '%s is gone from Python 3.13' % top)
            for top in tops & set(NOT_EVERYWHERE):
                if node not in guarded and not path.endswith('_py3.py'):
                    yield Finding(path, node.lineno, '%s is not there on Jython' % top)


def _guarded(tree, with_try):
    """The nodes inside of ``if TYPE_CHECKING``, and of ``try`` if that counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) \
                and node.test.id == 'TYPE_CHECKING' \
                or with_try and isinstance(node, ast.Try):
            for inside in ast.walk(node):
                yield inside
