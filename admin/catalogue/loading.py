# Copyright the carryall authors.  See LICENSE.
"""The texts of tables of modules: late imports, additions, proxies, former names."""
from admin.catalogue.tables import WIDTH, table
from admin.checks.late_imports import late_modules

HEAD = '''# Copyright the carryall authors.  See LICENSE.
"""%s

Written by ``admin/manifests`` from %s; ``admin/check catalogue`` compares.

Tests:    %s
"""
from __future__ import absolute_import, division, print_function

__all__ = ['%s']

'''


GAP = 9 * ' '
TYPING = '''
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
'''


def late(tree, manifests):
    """The text of runtimes/host/latemodules.py."""
    connecting = {('carryall.app.proxies', entry.module)
                  for _, manifest in manifests for entry in manifest.proxies}
    connecting |= {('carryall.app.databases', entry.module)
                   for _, manifest in manifests for entry in manifest.databases}
    head = HEAD % ('Modules of ours that are imported inside functions.',
                   'the code and the manifests', 'tests/runtimes/host/test_lateimports.py', 'LATE')
    return head + table('LATE', 'module, what it imports inside a function',
                        sorted(set(late_modules(tree)) | connecting))


def additions(manifests, service):
    """The text of services/SERVICE/additions.py."""
    modules = [entry.module for _, manifest in manifests for entry in manifest.additions
               if entry.service == service]
    head = HEAD % ('Modules of other packages that add to this service.', 'the manifests',
                   'tests/house/test_manifests.py', 'ADDITIONS')
    return _imported(head, 'ADDITIONS', modules)


def program_kinds(manifests):
    """The text of services/web/programkinds.py."""
    modules = [module for _, manifest in manifests for module in manifest.programs]
    head = HEAD % ('Modules with the kinds of programs that the web server runs.', 'the manifests',
                   'tests/services/web/test_programs.py', 'KINDS')
    return _imported(head, 'KINDS', modules)


def _imported(head, name, modules):
    """A text that imports *modules*, and has them as a tuple called *name*."""
    imports = ''.join('from %s import %s\n' % tuple(module.rsplit('.', 1)) for module in modules)
    names = ''.join('%s, ' % module.rpartition('.')[2] for module in modules).rstrip()
    if len(name) + len(names) > WIDTH - 30:
        names = '\n' + ''.join('    %s,\n' % module.rpartition('.')[2] for module in modules)
    first, _, rest = head.partition('__all__')
    return first + imports + ('\n' if imports else '') + '__all__' + rest \
        + '%s = (%s)%s# type: Any\n' % (name, names, GAP) + TYPING


def proxy_schemes(manifests):
    """The text of app/proxyschemes.py."""
    head = HEAD % ('The schemes of proxies.', 'the manifests', 'tests/app/test_proxies.py',
                   'SCHEMES')
    lines = ['# scheme: (default port, the proxy resolves names, module that connects)',
             'SCHEMES = {']
    for _, manifest in manifests:
        lines += ['    %r: (%d, %r, %r),' % (entry.scheme, entry.port, entry.resolves, entry.module)
                  for entry in manifest.proxies]
    return head + '\n'.join(lines + ['}', ''])


def database_schemes(manifests):
    """The text of app/databaseschemes.py."""
    head = HEAD % ('The schemes of databases that need no driver of the runtime.',
                   'the manifests', 'tests/app/test_databases.py', 'SCHEMES')
    lines = ['# scheme: module that makes drivers', 'SCHEMES = {']
    for _, manifest in manifests:
        lines += ['    %r: %r,' % (entry.scheme, entry.module) for entry in manifest.databases]
    return head + '\n'.join(lines + ['}', ''])


def former_modules(manifests):
    """The text of carryall/formermodules.py."""
    head = HEAD % ('Former names of modules, each with the present one.', 'the manifests',
                   'tests/house/test_former_names.py', 'FORMER')
    moved = {}
    for _, manifest in manifests:
        moved.update(manifest.moved)
    lines = ['FORMER = {']
    for row in sorted(moved.items()):
        line = '    %r: %r,' % row
        lines.append(line if len(line) <= WIDTH else '    %r:\n        %r,' % row)
    return head + '\n'.join(lines + ['}', ''])
