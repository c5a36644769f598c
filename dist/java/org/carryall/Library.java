// Copyright the carryall authors.  See LICENSE.
package org.carryall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import org.python.core.BytecodeLoader;
import org.python.core.ContainsPyBytecode;
import org.python.core.Py;
import org.python.core.PyBuiltinFunctionNarrow;
import org.python.core.PyCode;
import org.python.core.PyException;
import org.python.core.PyList;
import org.python.core.PyModule;
import org.python.core.PyObject;
import org.python.core.PyRunnable;
import org.python.core.PyString;
import org.python.core.PySystemState;
import org.python.core.PyTuple;
import org.python.core.imp;

/**
 * The Python modules of the jar, as PEP 302 wants an importer.
 *
 * Jython itself would read the whole directory of the jar for them, and define each class anew at each start.  Here they are
 * classes of the class path like any other, so that Java loads them, and a class data archive holds them.  Nothing changes for who
 * looks: the path of the modules is still JAR/Lib, and a module's file JAR/Lib/NAME$py.class.
 */
public final class Library {
    private static final String NAMES = "org/carryall/modules";
    private static final String COMPILED = "$py";
    private static final String PACKAGE = "/__init__";

    private final ClassLoader loader = Library.class.getClassLoader();
    private final String root;
    private final String inside;                        // "" for the path of the jar itself, "carryall.core." for that of a package
    private final Map<String, Boolean> packages;        // a module's name -> whether it is a package

    private Library(String root, String inside, Map<String, Boolean> packages) {
        this.root = root;
        this.inside = inside;
        this.packages = packages;
    }

    /** Let *state* import from here what the jar holds; nothing happens where this is no jar. */
    static void install(PySystemState state) {
        String jar = Py.getJarFileName();
        if (jar == null) {
            return;
        }
        try {
            state.path_hooks.insert(0, new Hook(jar + "/Lib", names()));
        } catch (IOException exc) {
            throw Py.IOError(exc);
        }
    }

    /** What NAMES lists, a line for each module; that of a package ends with a slash. */
    private static Map<String, Boolean> names() throws IOException {
        Map<String, Boolean> found = new HashMap<>(2048);
        try (InputStream data = Library.class.getClassLoader().getResourceAsStream(NAMES)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(data, StandardCharsets.ISO_8859_1));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                boolean isPackage = line.endsWith("/");
                found.put(isPackage ? line.substring(0, line.length() - 1) : line, isPackage);
            }
        }
        return found;
    }

    // -- what the import statement asks -------------------------------------------------------------------------------

    public Library find_module(String name) {
        return packages.containsKey(name) ? this : null;
    }

    public Library find_module(String name, PyObject path) {
        return find_module(name);
    }

    public PyObject load_module(String name) {
        String path = get_filename(name);
        PyModule module = imp.addModule(name);
        module.__setattr__("__loader__", Py.java2py(this));
        if (packages.get(name)) {
            PyList where = new PyList();
            where.append(Py.fileSystemEncode(path.substring(0, path.length() - PACKAGE.length() - COMPILED.length() - ".class".length())));
            module.__setattr__("__path__", where);
        }
        imp.createFromCode(name, code(name, path), path);
        return module;
    }

    // -- what pkgutil, runpy and linecache ask ------------------------------------------------------------------------

    public boolean is_package(String name) {
        return packages.get(known(name));
    }

    public PyObject get_code(String name) {
        return code(name, get_filename(name));
    }

    /** The source is not in the jar. */
    public PyObject get_source(String name) {
        known(name);
        return Py.None;
    }

    public String get_filename(String name) {
        return root + '/' + known(name).replace('.', '/') + (packages.get(name) ? PACKAGE : "") + COMPILED + ".class";
    }

    /** What lies on this path: tuples of a name, after *prefix*, and whether it is a package. */
    public PyList iter_modules(String prefix) {
        PyList found = new PyList();
        for (Map.Entry<String, Boolean> entry : packages.entrySet()) {
            String name = entry.getKey();
            if (name.startsWith(inside) && name.indexOf('.', inside.length()) < 0) {
                found.append(new PyTuple(Py.newString(prefix + name.substring(inside.length())), Py.newBoolean(entry.getValue())));
            }
        }
        found.sort();
        return found;
    }

    public PyString get_data(String path) {
        if (path.startsWith(root + '/')) {
            try (InputStream data = loader.getResourceAsStream("Lib" + path.substring(root.length()))) {
                if (data != null) {
                    return new PyString(new String(data.readAllBytes(), StandardCharsets.ISO_8859_1));
                }
            } catch (IOException exc) {
                throw Py.IOError(exc);
            }
        }
        throw Py.IOError("there is no " + path);
    }

    // ----------------------------------------------------------------------------------------------------------------

    private String known(String name) {
        if (!packages.containsKey(name)) {
            throw Py.ImportError("the jar has no module " + name);
        }
        return name;
    }

    @SuppressWarnings("unchecked")
    private PyCode code(String name, String path) {
        try {
            Class<?> found = Class.forName(name + COMPILED, true, loader);
            if (ContainsPyBytecode.class.isAssignableFrom(found)) {         // a function that is too large for Java
                BytecodeLoader.fixPyBytecode((Class<? extends ContainsPyBytecode>) found);
            }
            return ((PyRunnable) found.getConstructor(String.class).newInstance(path)).getMain();
        } catch (ReflectiveOperationException | IOException | LinkageError exc) {
            throw Py.JavaError(exc);
        }
    }

    /** Says which entries of a path are those of the jar: the library, and the packages in it. */
    private static final class Hook extends PyBuiltinFunctionNarrow {
        private static final long serialVersionUID = 1L;

        private final String root;
        private final transient Map<String, Boolean> packages;

        Hook(String root, Map<String, Boolean> packages) {
            super("carryall", 1, 1, "Find the modules of carryall's jar.");
            this.root = root;
            this.packages = packages;
        }

        @Override
        public PyObject __call__(PyObject entry) {
            String path = Py.fileSystemDecode(entry);
            if (path.equals(root)) {
                return Py.java2py(new Library(root, "", packages));
            }
            if (path.startsWith(root + '/')) {
                return Py.java2py(new Library(root, path.substring(root.length() + 1).replace('/', '.') + '.', packages));
            }
            throw Py.ImportError("not in carryall's jar");
        }
    }
}
