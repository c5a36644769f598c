# Copyright the carryall authors.  See LICENSE.
"""Every Python file begins with the copyright line (after an interpreter or coding line)."""
from admin.checks.tree import PYTHON, Finding

LINE = '# Copyright the carryall authors.  See LICENSE.'


def check(tree):
    """Looks at the first lines of files that are not empty;
    also of the scripts in bin/ and admin/."""
    for path in tree.everything():
        top, _, name = path.partition('/')
        script = top in ('bin', 'admin') and '.' not in name
        if not script and not (path.endswith('.py') and (top in PYTHON or not name)):
            continue
        lines = tree.text(path).split('\n')
        first = [line for line in lines[:3] if not line.startswith('#!')
                 and 'coding:' not in line][:1]
        if tree.text(path).strip() and first != [LINE]:
            yield Finding(path, 1, 'begin with: ' + LINE)
