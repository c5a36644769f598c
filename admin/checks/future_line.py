# Copyright the carryall authors.  See LICENSE.
"""The first line of code of every portable module is the one __future__ line."""
import ast

from admin.checks.tree import PORTABLE, Finding

NAMES = ['absolute_import', 'division', 'print_function']


def check(tree):
    """Looks at the first statement that is not the docstring; a module without code needs none."""
    for path in tree.files(*PORTABLE):
        body = list(tree.parse(path).body)
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            del body[0]
        if not body or path.endswith('_py3.py'):
            continue
        first = body[0]
        if not isinstance(first, ast.ImportFrom) or first.module != '__future__' \
                or [each.name for each in first.names] != NAMES:
            yield Finding(path, first.lineno, 'begin with: from __future__ import ' + ', '.join(
                NAMES))
