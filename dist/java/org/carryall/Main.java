// Copyright the carryall authors.  See LICENSE.
package org.carryall;

import java.util.Properties;

import org.python.core.Py;
import org.python.core.PyException;
import org.python.core.PyInteger;
import org.python.core.PyObject;
import org.python.core.PySystemState;
import org.python.core.imp;

/**
 * The program carryall.jar: hands its words to carryall's command, and ends with the status that this gives.
 *
 * The property carryall.name is what the program was called, where a link to the launcher was (mktap, twistd ...).
 */
public final class Main {
    private static final int FAILED = 1;

    private Main() {
    }

    public static void main(String[] words) {
        Ahead.start();
        String[] argv = new String[words.length + 1];
        argv[0] = System.getProperty("carryall.name", "carryall");
        System.arraycopy(words, 0, argv, 1, words.length);
        Properties settings = new Properties();
        settings.setProperty("python.cachedir.skip", "true");           // nothing is written anywhere
        settings.setProperty("python.import.site", "false");            // there are no site-packages here
        settings.setProperty("python.security.respectJavaAccessibility", "true");
        // Jython takes a folder Lib beside the jar for its own library; there is no such folder in here.
        settings.setProperty("python.home", "/nonexistent");
        PySystemState.initialize(PySystemState.getBaseProperties(), settings, argv);
        int status = run();
        flush("stdout");
        flush("stderr");
        System.exit(status);
    }

    private static int run() {
        try {
            PyObject module = imp.importName("carryall.commands.main", false);
            PyObject status = module.__getattr__("main").__call__();
            return status == Py.None ? 0 : status.asInt();
        } catch (PyException exc) {
            return statusOf(exc);
        } catch (Throwable exc) {
            exc.printStackTrace();
            return FAILED;
        }
    }

    /** What the interpreter itself does with an exception that nobody caught. */
    private static int statusOf(PyException exc) {
        if (!exc.match(Py.SystemExit)) {
            Py.printException(exc);
            return FAILED;
        }
        exc.normalize();
        PyObject code = exc.value.__findattr__("code");
        if (code == null || code == Py.None) {
            return 0;
        }
        if (code instanceof PyInteger) {
            return code.asInt();
        }
        System.err.println(code);
        return FAILED;
    }

    private static void flush(String stream) {
        try {
            Py.getSystemState().__getattr__(stream).invoke("flush");
        } catch (PyException exc) {
            // whoever read it went away
        }
    }
}
