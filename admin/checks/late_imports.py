# Copyright the carryall authors.  See LICENSE.
"""Standard modules that are imported inside functions stand in runtimes/host/lateimports.py, which
loads them before rights are given up.

After chroot(2), or as a user who may not read the code, such an import fails;
so a server loads them all first.
"""
import ast

from admin.checks.tree import Finding

TREES = ('carryall', 'core', 'runtimes', 'protocols', 'app', 'services', 'apps')
# Of the commands, the files that a server runs in;
# the others are clients or end before rights are given up.
SERVING = ('commands/console.py', 'commands/logoutput.py', 'commands/servicerun.py',
           'commands/serverprocess.py')
LIST = 'runtimes/host/lateimports.py'
EXEMPT = (LIST,
          # No servers
          'carryall/embedded.py', 'carryall/pytest_plugin.py', 'carryall/separate.py',
          'carryall/nntplib.py', 'carryall/telnetlib.py',
          # The loop is made before rights are given up.
          'runtimes/registry.py', 'runtimes/guests/availability.py',
          'runtimes/host/daemon.py', 'runtimes/host/daemon_jvm.py')       # likewise the process
# Out of the JVM's own archive or a jar that stays open;
# and one package that lateimports.py loads by using it.
FOREIGN = ('java', 'javax', 'jdk', 'jnr', 'jarray', 'org', 'cryptography')


def check(tree):
    """Compares the list of standard modules with the imports inside functions.

    The list of ours is generated: the check ``catalogue`` compares it.
    """
    listed = _listed(tree)
    for (_, name), (path, line) in sorted(_late(tree).items()):
        if not name.startswith('carryall.') and name not in listed['STANDARD'] \
                + listed['DEBUGGING']:
            yield Finding(path, line, '"%s" is imported inside a function: add it to STANDARD in %s'
                          % (name, LIST))


def late_modules(tree):
    """(module, module of ours that it imports inside a function), sorted."""
    return sorted(key for key in _late(tree) if key[1].startswith('carryall.'))


def _late(tree):
    """(module, what it imports inside a function) to (path, line)."""
    paths = tree.files(*TREES) + [path for path in tree.files('commands') if path in SERVING]
    late = {}
    for path in paths:
        if path in EXEMPT or path.startswith(('core/testing/', 'carryall/testservers/')):
            continue
        for node in _inside_functions(tree.parse(path)):
            for name in _modules_of(tree, node, path.startswith('runtimes/jvm/')):
                late.setdefault((_module_of(path), name), (path, node.lineno))
    return late


def _inside_functions(parsed):
    """The import statements inside functions."""
    waiting = [(parsed, False)]
    for node, inside in waiting:        # it grows meanwhile
        if inside and isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        inside = inside or isinstance(node, ast.FunctionDef)
        # No expression has a statement in it.
        waiting.extend([(each, inside) for each in ast.iter_child_nodes(node)
                        if not isinstance(each, ast.expr)])


def _modules_of(tree, node, on_jvm):
    """The modules that a statement loads; of Java none,
    and in what runs on a JVM alone only ours."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        inside = ['%s.%s' % (node.module, alias.name) for alias in node.names]
        names = [name for name in inside if _is_module(tree, name)]
        if len(names) < len(inside):
            names.append(node.module)
    return [name for name in names if name.split('.')[0] not in FOREIGN
            and name != 'carryall.runtimes'
            and (name.startswith('carryall.') or not on_jvm)]


def _is_module(tree, name):
    """True if *name* is a module of ours; packages of others are not imported in this way."""
    path = '/'.join(name.split('.')[1:])
    return name.startswith('carryall.') and (tree.has(path + '.py')
                                             or tree.has(path + '/__init__.py'))


def _module_of(path):
    """The import name of a file."""
    name = 'carryall.' + path[:-len('.py')].replace('/', '.')
    return name[:-len('.__init__')] if name.endswith('.__init__') else name


def _listed(tree):
    """The tables of the list, which imports nothing when it is loaded."""
    found = {'STANDARD': (), 'DEBUGGING': ()}
    for node in tree.parse(LIST).body if tree.has(LIST) else ():
        if isinstance(node, ast.Assign) and node.targets[0].id in found:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found
