# Copyright the carryall authors.  See LICENSE.
"""The ``needs`` of a manifest name the other manifests whose files its own files use.

So a package can be removed with those that need it, and everything else still works.  Tests,
examples and acceptance cases count as much as the product.  Files that no manifest names belong to
the suite; its manifest is commands/manifest.py.
"""
from admin.catalogue.ownership import NAME, Ownership
from admin.checks.tree import WITH_EXAMPLES, Finding

# Written by admin/manifests, so that they follow what there is.
GENERATED = ('app/databaseschemes.py', 'app/proxyschemes.py',
             'carryall/formermodules.py', 'commands/catalogue.py',
             'runtimes/host/latemodules.py', 'services/web/additions.py',
             'services/web/programkinds.py')
# A bench names what it measures, and starts it as a program of its own.
EXEMPT = ('bench',)


def check(tree):
    """Compares each manifest's ``needs`` with the imports of its files, both ways."""
    ownership = Ownership(tree)
    used = {name: set() for name in ownership.entries}
    for path in tree.files(*WITH_EXAMPLES):
        if path in GENERATED or path.rpartition('/')[2] == NAME or path.split('/')[0] in EXEMPT:
            continue
        own = ownership.owner(path)
        allowed = ownership.needed(own)
        told = set()
        for name, line, module in ownership.uses(path):
            used.setdefault(own, set()).add(name)
            if name not in allowed and name not in told:
                told.add(name)
                yield Finding(path, line, '%s belongs to %s: add that to needs of the manifest of '
                              '%s, or do without' % (module, name, own))
    for name, entry in sorted(ownership.entries.items()):
        for each in entry.needs:
            if each not in ownership.entries:
                yield Finding(entry.path, 1, 'it needs %s, which is no manifest' % each)
            elif each not in used[name]:
                yield Finding(entry.path, 1, 'it needs %s, of which no file uses anything' % each)
        if name in ownership.needed(name):
            yield Finding(entry.path, 1, 'it needs itself, by way of others')
