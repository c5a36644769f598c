// Copyright the carryall authors.  See LICENSE.
package org.carryall;

import java.util.Properties;

import org.python.core.JythonInitializer;
import org.python.core.PySystemState;
import org.python.core.adapter.ExtensiblePyObjectAdapter;

/**
 * What Jython does first, wherever the jar is: in the program, and in a Java program that has it on its class path.
 */
public final class Start implements JythonInitializer {
    @Override
    public void initialize(Properties before, Properties after, String[] argv, ClassLoader loader, ExtensiblePyObjectAdapter adapter) {
        Library.install(PySystemState.doInitialize(before, after, argv, loader, adapter));
    }
}
