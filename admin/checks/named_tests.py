# Copyright the carryall authors.  See LICENSE.
"""The tests that a docstring names after "Tests:" are there."""
import ast
import re

from admin.checks.tree import PRODUCT, Finding

NAMED = re.compile(r'\btests(?:/\w+)+(?:\.py\b|/|\b)')
HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef)


def check(tree):
    """Look for a path below tests/ in that part of the product's docstrings."""
    there = set(tree.files('tests'))
    folders = {path.rpartition('/')[0] for path in there}
    folders |= {folder.rpartition('/')[0] for folder in folders}
    for path, node in tree.walk(*PRODUCT):
        if isinstance(node, HOLDERS):
            for named in NAMED.findall((ast.get_docstring(node) or '').partition('Tests:')[2]):
                if named.rstrip('/') not in there | folders:
                    yield Finding(path, getattr(node, 'lineno', 1), 'there is no %s' % named)
