# Copyright the carryall authors.  See LICENSE.
"""The files that are generated from the manifests are as admin/manifests writes them."""
from admin.checks.tree import Finding


def check(tree):
    """Generates them again and compares."""
    from admin.catalogue.main import generated     # imports carryall, which other checks do not
    for path, text in sorted(generated().items()):
        if tree.has(path) and tree.text(path) != text:
            yield Finding(path, 1, 'differs from the manifests: run admin/manifests')
