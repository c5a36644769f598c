# Copyright the carryall authors.  See LICENSE.
"""The import rule: core <- protocols <- app <- services <- apps <- commands,
core <- runtimes <- commands; the machine in runtimes alone.

Our own modules are imported as ``carryall.x``, in full: with the checkout on the path ``core.x``
would be a second copy.  A string that is the name of a module, with an attribute behind it or
without, counts as an import of it.  In core and app, so does a string that names a protocol, a
type of service, a scheme or a proxy: these are passed in.  A manifest is an
index of its own package and may name any layer in strings.  Only commands, and the files that
gather manifests, import one.
"""
import ast

from admin.catalogue.ownership import SUITE, Ownership
from admin.checks.tree import NAMES_A_MODULE, PRODUCT, Finding, dotted, imported

MAY_IMPORT = {
    'core': ('core',),
    'runtimes': ('core', 'runtimes'),
    'protocols': ('core', 'protocols'),
    'app': ('core', 'protocols', 'app'),
    'services': ('core', 'protocols', 'app', 'services'),
    'apps': ('core', 'protocols', 'app', 'services', 'apps'),
    'commands': ('core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands'),
    'carryall': ('core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands'),
}
MACHINE = ('socket', 'select', 'selectors', 'ssl', 'threading', 'thread', '_thread', 'subprocess',
           'signal', 'errno', 'fcntl', 'asyncio', 'multiprocessing', 'java', 'javax', 'org', 'jnr',
           'jarray', 'synchronize')
MACHINE_CALLS = ('os.fork', 'os.kill', 'os.pipe', 'os.dup2', 'os.setsid', 'os.waitpid', 'os._exit',
                 'os.execv', 'os.setuid')
CLOCKS = ('time.time', 'time.sleep', 'time.monotonic', 'time.clock', 'time.perf_counter',
          'datetime.now', 'datetime.utcnow', 'datetime.datetime.now', 'datetime.datetime.utcnow',
          'datetime.date.today')
CLOCKLESS = ('core', 'protocols', 'app', 'services', 'apps')
NO_TIME_AT_ALL = ('protocols', 'app', 'services', 'apps')
MANIFEST = 'manifest.py'
# What may import a manifest: the commands, and what gathers them.
INDEXES = ('manifest', 'manifests', 'catalogue')
READERS = ('commands', 'carryall')
# It loads by name the modules that others import late, and uses nothing of them.
# Layers that know no protocol by its name, and the generated tables in them.
NAMELESS = ('core', 'app')
# The last has an attribute `words`, which are options.
TABLES = ('app/databaseschemes.py', 'app/proxyschemes.py', 'core/manifest.py')
NAMES_ALL_LAYERS = ('runtimes/host/latemodules.py',)
EXEMPT = ('core/compat.py',             # shims for what differs in spelling
          # A program that servers are embedded in blocks, so their loop has a thread.
          'carryall/embedded.py',
          'carryall/testservers/childrunner.py', 'carryall/testservers/jarmaker.py',
          'carryall/testservers/postgresqlserver.py',
          'carryall/testservers/localrunner.py',
          'carryall/testservers/server.py',
          'carryall/testservers/sharedrunner.py')


def check(tree):
    """Looks at every import, and at calls that reach for the machine or its clock."""
    words = _words(tree)
    for path, node in tree.walk(*PRODUCT):
        layer = path.split('/')[0]
        for module in imported(node):
            wrong = _wrong_import(layer, module)
            if wrong and path not in EXEMPT:
                yield Finding(path, node.lineno, wrong)
                break
            if _is_manifest(module) and not _reads_manifests(path):
                yield Finding(path, node.lineno,
                              'only commands and the list of manifests import a manifest')
                break
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMES_A_MODULE.match(
                node.value):
            wrong = _wrong_import(layer, node.value.partition(':')[0])
            if wrong and path not in EXEMPT + NAMES_ALL_LAYERS and not path.endswith(
                    '/' + MANIFEST):
                yield Finding(path, node.lineno, '%s, not even by a string: "%s"'
                              % (wrong, node.value))
        if layer in NAMELESS and path not in TABLES and isinstance(node, ast.Constant) \
                and node.value in words:
            yield Finding(path, node.lineno, '%s/ knows no %r: hand it in' % (layer, node.value))
        name = dotted(node) if isinstance(node, ast.Attribute) else ''
        if name in MACHINE_CALLS and layer != 'runtimes':
            yield Finding(path, node.lineno, '%s belongs into runtimes/' % name)
        if name in CLOCKS and layer in CLOCKLESS:
            yield Finding(path, node.lineno, '%s: the clock is handed in' % name)


def _words(tree):
    """The names of protocols, types, schemes and proxies; of these not the names of own modules."""
    found = {word for entry in Ownership(tree).entries.values() if entry.name != SUITE
             for word in entry.words}
    return found - {path.rpartition('/')[2][:-len('.py')] for path in tree.files(*NAMELESS)}


def _is_manifest(module):
    """If a module is the manifest of one package;
    the one in ``app/`` defines the class of them all."""
    return module.endswith('.manifest') and module.startswith('carryall.') \
        and not module.startswith('carryall.app.')


def _reads_manifests(path):
    """If a file may import manifests."""
    return path.split('/')[0] in READERS or path.rpartition('/')[2][:-len('.py')] in INDEXES


def _wrong_import(layer, module):
    """Why a module of *layer* may not import *module*; None if it may."""
    top, _, rest = module.partition('.')
    if not top:
        return 'import it as carryall.%s..., in full' % layer
    if top in PRODUCT and top != 'carryall':
        return 'import it as carryall.%s, or it is a second copy' % module
    target = rest.split('.')[0]
    if top == 'carryall' and target in PRODUCT and target not in MAY_IMPORT[layer]:
        return '%s/ may not import %s/' % (layer, target)
    if top in MACHINE and layer != 'runtimes':
        return '%s belongs into runtimes/' % top
    if top == 'time' and layer in NO_TIME_AT_ALL:
        return 'the clock is handed in'
    return None
