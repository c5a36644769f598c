# Copyright the carryall authors.  See LICENSE.
"""A class has at most five booleans: more make a state, with a table.

An attribute of ``self`` counts if the class gives it the value True or False by a literal.
"""
import ast

from admin.checks.classindex import product_classes
from admin.checks.tree import Finding

MAX = 5


def check(tree):
    """Counts the booleans of each class of the product."""
    for _, each in product_classes(tree):
        names = booleans(each.node)
        if len(names) > MAX:
            yield Finding(each.path, each.node.lineno, '%s has %d booleans (%s): make them a state '
                          'with a table' % (each.name, len(names), ', '.join(sorted(names))))


def booleans(node):
    """The names of the attributes that a class sets to True or False."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) \
                and isinstance(each.value.value, bool):
            found |= {target.attr for target in each.targets if isinstance(target, ast.Attribute)
                      and isinstance(target.value, ast.Name) and target.value.id == 'self'}
    return found
