# Copyright the carryall authors.  See LICENSE.
"""The import rule: core <- protocols <- app <- services <- commands, core <- runtimes <- commands; the machine in runtimes alone.

Our own modules are imported as ``carryall.x``, in full: with the checkout on the path ``core.x`` would be a second copy.
"""
import ast

from admin.checks.tree import PRODUCT, Finding, dotted, imported

MAY_IMPORT = {
    'core': ('core',),
    'runtimes': ('core', 'runtimes'),
    'protocols': ('core', 'protocols'),
    'app': ('core', 'protocols', 'app'),
    'services': ('core', 'protocols', 'app', 'services'),
    'commands': ('core', 'runtimes', 'protocols', 'app', 'services', 'commands'),
    'carryall': ('core', 'runtimes', 'protocols', 'app', 'services', 'commands'),
}
MACHINE = ('socket', 'select', 'selectors', 'ssl', 'threading', 'thread', '_thread', 'subprocess', 'signal', 'errno', 'fcntl',
           'asyncio', 'multiprocessing', 'java', 'javax', 'org', 'jnr', 'jarray', 'synchronize')
MACHINE_CALLS = ('os.fork', 'os.kill', 'os.pipe', 'os.dup2', 'os.setsid', 'os.waitpid', 'os._exit', 'os.execv', 'os.setuid')
CLOCKS = ('time.time', 'time.sleep', 'time.monotonic', 'time.clock', 'time.perf_counter', 'datetime.now', 'datetime.utcnow',
          'datetime.datetime.now', 'datetime.datetime.utcnow', 'datetime.date.today')
CLOCKLESS = ('core', 'protocols', 'app', 'services')
NO_TIME_AT_ALL = ('protocols', 'app', 'services')
EXEMPT = ('core/compat.py',             # shims for what differs in spelling
          'carryall/embedded.py',      # a program that servers are embedded in blocks, so their loop has a thread
          'carryall/separate.py')      # or they are programs of their own


def check(tree):
    """Look at every import, and at calls that reach for the machine or its clock."""
    for path, node in tree.walk(*PRODUCT):
        layer = path.split('/')[0]
        for module in imported(node):
            wrong = _wrong_import(layer, module)
            if wrong and path not in EXEMPT:
                yield Finding(path, node.lineno, wrong)
                break
        name = dotted(node) if isinstance(node, ast.Attribute) else ''
        if name in MACHINE_CALLS and layer != 'runtimes':
            yield Finding(path, node.lineno, '%s belongs into runtimes/' % name)
        if name in CLOCKS and layer in CLOCKLESS:
            yield Finding(path, node.lineno, '%s: the clock is handed in' % name)


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
