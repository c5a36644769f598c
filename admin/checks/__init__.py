# Copyright the carryall authors.  See LICENSE.
"""The project's own checks, one module each.

A check is a module with a function ``check(tree)`` that yields a ``Finding`` for each fault.  A
case in ``tests/house/test_checks_py3.py`` shows that it can.  The first line of its docstring is
the rule.
"""
import importlib

CHECKS = ('parse_all', 'layers', 'removed_modules', 'no_version_checks', 'no_getattr_dispatch',
          'bare_int', 'size', 'late_imports', 'future_line', 'licence_line', 'names', 'tables',
          'pointers', 'tags', 'words', 'option_names', 'private_reach', 'depth', 'booleans',
          'base_names', 'width', 'statements', 'banned_words', 'imperatives', 'test_names',
          'messages', 'type_comments', 'catalogue', 'faces', 'needs', 'yields')

SLOW = ('type_comments',)           # only when asked for


def load(name):
    """The module of one check."""
    return importlib.import_module('admin.checks.' + name)
