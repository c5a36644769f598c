// Copyright the carryall authors.  See LICENSE.
package org.carryall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.text.DateFormatSymbols;

import jnr.posix.POSIXFactory;

/**
 * A second thread that does what the start will need, while the first one is still busy with Jython.
 *
 * It calls nothing of Python, and makes no class of Jython's ready for use (only read and verified): the order in which those
 * are made ready is Jython's own.  What it does too late, or in vain, is merely done by the first thread.
 */
final class Ahead implements Runnable {
    private static final String NAMES = "org/carryall/ahead";

    private Ahead() {
    }

    /** Start it, unless the jar has no list: so the recipe finds out what that is. */
    static void start() {
        if (Ahead.class.getClassLoader().getResource(NAMES) != null) {
            Thread thread = new Thread(new Ahead(), "carryall-ahead");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public void run() {
        try {
            DateFormatSymbols.getInstance();
            POSIXFactory.getNativePOSIX().isNative();       // the C library, through jffi
            classes();
        } catch (IOException | RuntimeException | LinkageError exc) {
            return;                 // the first thread meets the same, and says so where it matters
        }
    }

    /** Load the classes that NAMES lists in the order of their use. */
    private static void classes() throws IOException {
        ClassLoader loader = Ahead.class.getClassLoader();
        try (InputStream data = loader.getResourceAsStream(NAMES)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(data, StandardCharsets.ISO_8859_1));
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                try {
                    Class.forName(name, false, loader).getDeclaredConstructors();     // the latter has it verified
                } catch (ClassNotFoundException | LinkageError exc) {
                    continue;
                }
            }
        }
    }
}
